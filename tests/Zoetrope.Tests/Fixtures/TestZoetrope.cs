using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Statistics;
using Zoetrope.Server.Hosting;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures;

/// <summary>How a test wants its server.</summary>
internal sealed record TestServer
{
    public SqlDialect Database { get; init; } = SqlDialect.Sqlite;

    /// <summary>The PostgreSQL database of another server, of which this one is a further node; null makes one of its own.</summary>
    public string? Postgres { get; init; }

    /// <summary>The clock of our code. The runtime below it keeps the machine's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Stands in for the adapter of the same name.</summary>
    public IProviderAdapter? Provider { get; init; }

    /// <summary>Further adapters, for tests of several routes.</summary>
    public IReadOnlyList<IProviderAdapter> Others { get; init; } = [];

    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>The vendors that the server can call.</summary>
    public IReadOnlyList<VendorRegistration> Vendors { get; init; } = ProvidersFeature.Vendors;

    /// <summary>Whether it serves <c>/metrics</c>. Each such server listens to the instruments of all servers of this process.</summary>
    public bool HasMetrics { get; init; }

    /// <summary>Registrations that only the test has.</summary>
    public Action<IServiceCollection> Register { get; init; } = static _ => { };
}

/// <summary>
/// The real server in this process on a free port, with a data directory and a database of its own. The ledger must be
/// clean when the test is done with it.
/// </summary>
internal sealed class TestZoetrope : IAsyncDisposable
{
    public const string OperatorKey = "zadm-only-for-tests-0123456789";

    /// <summary>Nodes of one database need the same.</summary>
    public const string MasterKey = "b25seSBmb3IgdGVzdHMsIHRoaXJ0eS10d28gYnl0ZXM=";

    private readonly WebApplication _app;
    private readonly TemporaryDirectory _directory;
    private readonly string? _postgres;
    private readonly bool _isFurtherNode;

    private TestZoetrope(WebApplication app, TemporaryDirectory directory, string? postgres, bool isFurtherNode)
    {
        (_app, _directory, _postgres, _isFurtherNode) = (app, directory, postgres, isFurtherNode);
        Api = new ZoetropeApi(new Uri(app.Urls.Single()), OperatorKey);
    }

    public ZoetropeApi Api { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The connection string of its own PostgreSQL database; null on SQLite.</summary>
    public string? Postgres => _postgres;

    public string DataDirectory => _directory.Path;

    public static async Task<TestZoetrope> StartAsync(TestServer? wanted = null)
    {
        wanted ??= new TestServer();
        var postgres = wanted.Postgres;
        if (postgres is null && wanted.Database == SqlDialect.Postgres)
        {
            TestPostgres.SkipIfAbsent();
            postgres = await TestPostgres.CreateAsync(migrated: true);
        }

        var directory = new TemporaryDirectory();
        if (postgres is null)
        {
            await TestSqlite.CreateAsync(StorageFeature.SqlitePath(directory.Path));
        }

        var settings = new Dictionary<string, string?>(wanted.Settings)
        {
            ["Database:ConnectionString"] = postgres ?? "",
            ["Admin:Key"] = OperatorKey,
            ["Secrets:MasterKey"] = MasterKey,
        };
        settings.TryAdd("Logging:Level", "Error");
        settings.TryAdd("Telemetry:Metrics", wanted.HasMetrics ? "true" : "false");
        if (wanted.Provider is not null)
        {
            // Its results come from this machine.
            settings.TryAdd("Egress:AllowedPrivateHosts", "127.0.0.1");
        }

        var app = await ZoetropeHost.BuildAsync(new HostSettings("http://127.0.0.1:0", directory.Path, settings) { Vendors = wanted.Vendors }, services => Replace(services, wanted));
        await app.StartAsync();
        return new TestZoetrope(app, directory, postgres, wanted.Postgres is not null);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Api.AssertLedgerIsCleanAsync();
        }
        finally
        {
            Api.Dispose();
            await _app.StopAsync();
            await _app.DisposeAsync();
            if (_postgres is not null && !_isFurtherNode)
            {
                await TestPostgres.DropAsync(_postgres);
            }

            _directory.Dispose();
        }
    }

    private static void Replace(IServiceCollection services, TestServer wanted)
    {
        services.Replace(ServiceDescriptor.Singleton<IEnvironmentStatisticsProvider>(NoStatistics.Instance));
        if (wanted.Time != TimeProvider.System)
        {
            services.Replace(ServiceDescriptor.Singleton(wanted.Time)).KeepOrleansOnSystemTime();
        }

        services.RemoveAll<ILoggerProvider>();
        services.AddSingleton<ILoggerProvider>(new TestLog(TestContext.Current.TestOutputHelper));

        // It warns whenever a timer is late, which on a busy machine says nothing about a test.
        services.AddLogging(static logging => logging.AddFilter("Orleans", LogLevel.Error));
        if (wanted.Provider is { } provider)
        {
            services.RemoveAll<IProviderAdapter>();
            services.AddSingleton(provider);
        }

        foreach (var other in wanted.Others)
        {
            services.AddSingleton(other);
        }

        wanted.Register(services);
    }

    /// <summary>Orleans' own collects the garbage of the whole process as each silo starts.</summary>
    private sealed class NoStatistics : IEnvironmentStatisticsProvider
    {
        public static readonly NoStatistics Instance = new();

        public EnvironmentStatistics GetEnvironmentStatistics() => default;
    }
}
