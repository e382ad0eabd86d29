using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Files;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.VicSee;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Egress;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Artifacts;

/// <summary>The artifact slice on real Kestrel, a real SQLite file and a made-up internet, under a fake clock.</summary>
internal sealed class ArtifactsHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly bool _keepData;

    private ArtifactsHost(WebApplication app, ArtifactOptions options, FakeTimeProvider time, FakeNetwork network, bool keepData)
    {
        _app = app;
        _keepData = keepData;
        Options = options;
        Time = time;
        Network = network;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public ArtifactOptions Options { get; }

    public FakeTimeProvider Time { get; }

    public FakeNetwork Network { get; }

    public HttpClient Http { get; }

    public string Files => Path.Combine(Options.DataDirectory, "artifacts");

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<ArtifactsHost> StartAsync(Action<ArtifactOptions>? configure = null, string? dataDirectory = null, bool keepData = false)
    {
        var data = dataDirectory ?? Path.Combine(Path.GetTempPath(), "zoetrope-artifacts-" + Guid.NewGuid().ToString("n"));
        Directory.CreateDirectory(data);
        await TestSqlite.CreateAsync(StorageFeature.SqlitePath(data));
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        var network = new FakeNetwork();
        var options = new ArtifactOptions { DataDirectory = data, PublicUrl = new Uri("https://media.example"), SweepInterval = Timeout.InfiniteTimeSpan };
        configure?.Invoke(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(network.Build());
        builder.Services.AddAuthorization();
        builder.Services.AddStorage(new DatabaseOptions(), data);
        builder.Services.AddEgress(new EgressOptions { AllowHttp = true });
        builder.Services.AddArtifacts(options);
        builder.Services.AddInputResolver();
        var app = builder.Build();
        app.MapFiles();
        app.MapPost("/api/v1/upload", async Task<Answer> (HttpContext context, Uploads uploads) =>
            (await UploadEndpoint.TicketAsync(context, uploads, "acct_one", KeyMode.Test)).Failed(out var problem, out var ticket) ? problem : Answer.Of(Results.Json(ticket)));
        await app.StartAsync();
        return new ArtifactsHost(app, options, time, network, keepData);
    }

    /// <summary>A stored output of an account.</summary>
    public async Task<Artifact> StoreAsync(string path, string accountId = "acct_one", DateTimeOffset? expiresAt = null)
    {
        var copy = TestMedia.Copy(path);
        var probe = (await TestProber.ReadAsync(copy))!.ToProbe(new FileInfo(copy).Length, await TemporaryFiles.HashAsync(copy, CancellationToken.None));
        var artifact = Get<ArtifactRecords>().New(accountId, KeyMode.Test, ArtifactRole.Output, probe, expiresAt);
        await Get<StoredFiles>().PutAsync(artifact.Key, copy, CancellationToken.None);
        await Get<ArtifactRecords>().InsertAsync([artifact]);
        return artifact;
    }

    /// <summary>A request to a public URL of ours, sent to where the test's server really listens.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri url, Action<HttpRequestMessage>? configure = null) =>
        SendAsync(method, url.PathAndQuery, configure);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string pathAndQuery, Action<HttpRequestMessage>? configure = null)
    {
        using var request = new HttpRequestMessage(method, pathAndQuery);
        configure?.Invoke(request);
        return await Http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        if (!_keepData)
        {
            Directory.Delete(Options.DataDirectory, recursive: true);
        }
    }
}
