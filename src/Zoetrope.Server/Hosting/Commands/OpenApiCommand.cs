using System.CommandLine;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.OpenApi;
using Zoetrope.Server.Hosting.ApiDocs;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>Writes the API's description: the routes are mapped, and nothing listens or works.</summary>
internal static class OpenApiCommand
{
    public static Command Create()
    {
        var output = new Option<FileInfo?>("--output", "-o") { Description = "The file to write; stdout by default" };
        var command = new Command("openapi", "Write the OpenAPI document") { output };
        return command.Answering(async (parsed, cancellationToken) =>
        {
            // A description needs no data, and the directory of a server, which may run or not be there, is not opened for it.
            var directory = Directory.CreateTempSubdirectory("zoetrope-openapi-");
            try
            {
                var text = await DescribeAsync(directory.FullName, cancellationToken);
                return await Answer.DocumentAsync(text, parsed.GetValue(output), cancellationToken);
            }
            finally
            {
                directory.Delete(recursive: true);
            }
        });
    }

    private static async Task<string> DescribeAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var host = HostSettings.FromEnvironment() with { DataDirectory = dataDirectory };
        await using var app = ZoetropeHost.Compose(host, Settings.Load(host), services =>
        {
            services.RemoveAll<IHostedService>();
            services.AddSingleton<IServer, DeafServer>();
        });

        // Routes become visible to the describer when the pipeline is built, which is what this start does.
        await app.StartAsync(cancellationToken);
        var document = await app.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>(ApiDocsFeature.DocumentName)
            .GetOpenApiDocumentAsync(cancellationToken);
        return (await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken)).ReplaceLineEndings("\n");
    }

    private sealed class DeafServer : IServer
    {
        public DeafServer() => Features.Set<IServerAddressesFeature>(new ServerAddressesFeature());

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
