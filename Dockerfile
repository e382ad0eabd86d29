# syntax=docker/dockerfile:1
# The server with everything it calls, as an unprivileged user. Data (SQLite, files, secrets) lives in the volume /data.
#   docker build --build-arg VERSION=$(git describe --tags --always) -t zoetrope .
#   docker run -p 8080:8080 -v zoetrope:/data --stop-timeout 370 zoetrope

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# There is no Git repository in the build context, so the version is handed in.
ARG VERSION=0.5.0-alpha
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MinVerVersionOverride=${VERSION}
WORKDIR /source
COPY . .
RUN case "$(uname -m)" in x86_64) rid=linux-x64 ;; aarch64) rid=linux-arm64 ;; *) echo "unsupported machine: $(uname -m)" >&2; exit 1 ;; esac \
    && dotnet publish src/Zoetrope.Server --configuration Release --runtime "$rid" --self-contained false \
        -p:PublishReadyToRun=true -p:DebugType=embedded --output /app \
    && dotnet publish src/Zoetrope.Studio --configuration Release -p:StudioForPeople=true --output /studio \
    && mv /studio/wwwroot /app/studio \
    && cp LICENSE NOTICE /app/

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ffmpeg libheif-examples \
    && rm -rf /var/lib/apt/lists/* \
    && install --directory --owner=app --group=app /data
COPY --from=build /app /app
ENV ZOETROPE_URLS=http://0.0.0.0:8080 ZOETROPE_DATA=/data
USER app
VOLUME /data
EXPOSE 8080
# A stop first waits for what is paid for. Docker kills after 10 s unless told otherwise: docker run --stop-timeout 370
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/Zoetrope.Server"]
