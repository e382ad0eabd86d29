using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Events;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Gating;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Catalog;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>What the seeds of one thread share: a database, a catalogue, meters. Nothing here remembers a seed.</summary>
internal sealed class SimLab : IDisposable
{
    /// <summary>Of each provider, in the whole cluster.</summary>
    public const int Places = 2;

    public static readonly GenerationOptions Options = new() { ReconcileMinutes = 4 };
    public static readonly ProvidersOptions ProviderOptions = Two();
    public static readonly OutputSpec Output = new() { Media = MediaType.Image, Format = "png", Width = 64, Height = 64 };
    public static readonly string OutputColumn = OrderJson.Write(Output);
    public static readonly IReadOnlyList<ProviderOutput> Outputs = [new(null, "result")];
    public static readonly Dictionary<string, string> NoHeaders = [];

    public static readonly IngestedArtifact Picture = new(
        new MediaProbe { ContentType = "image/png", Bytes = 100, Sha256 = new string('0', 64), Width = 64, Height = 64 }, Labelled: false, C2pa: false);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();

    public SimLab(string template)
    {
        Rows = new SimRows(template);
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "zoetrope.generations.transitions" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Visited.Add(((string)tags[0].Value!, (string)tags[1].Value!)));
        _listener.Start();
        Metrics = new GenerationMetrics(meters, new ProviderHistory(null!, TimeProvider.System, NullLogger<ProviderHistory>.Instance));
        Commits = new CommitMetrics(meters);
    }

    public SimRows Rows { get; }

    public CatalogHolder Catalog { get; } = new(new ModelCatalog([.. Models()]));

    public GenerationMetrics Metrics { get; }

    public CommitMetrics Commits { get; }

    public WebhookDispatcher Webhooks { get; } = new(null!, null!, null!, null!, NullLogger<WebhookDispatcher>.Instance);

    public IHostApplicationLifetime Lifetime { get; } = new Endless();

    /// <summary>Pairs of a state and what happened in it.</summary>
    public HashSet<(string State, string Event)> Visited { get; } = [];

    public static byte[] BodyOf(string job) => Encoding.UTF8.GetBytes(job);

    /// <summary>A migrated database file, to be copied into memory.</summary>
    public static async Task<string> TemplateAsync(TemporaryDirectory directory)
    {
        var path = StorageFeature.SqlitePath(directory.Path);
        await TestSqlite.CreateAsync(path);
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "pragma journal_mode = delete";
        await command.ExecuteNonQueryAsync();
        return path;
    }

    /// <summary>Runs one seed; what is wrong with it, or null, and its trace.</summary>
    public SimRun Run(int seed, SimLie lie = SimLie.None, bool tell = false)
    {
        var before = SynchronizationContext.Current;
        Rows.Begin();
        var world = new SimWorld(this, seed, lie, tell);
        try
        {
            SynchronizationContext.SetSynchronizationContext(world.Loop);
            world.Run();
            return new SimRun(seed, null, world.Trace, world.Steps, world.Story);
        }
        catch (Exception exception)
        {
            return new SimRun(seed, exception is SimFailure ? exception.Message : exception.ToString(), world.Trace, world.Steps, world.Story);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
            Rows.Rollback();
        }
    }

    /// <summary>The statement that saves a row, without its look at the version.</summary>
    public void SaveWhateverTheVersion()
    {
        var save = typeof(GenerationStore).GetField("Save", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;
        var sql = (string)save.GetType().GetFields(BindingFlags.NonPublic | BindingFlags.Instance).Single(field => field.FieldType == typeof(string)).GetValue(save)!;
        var blind = new SqliteStatement((SqliteConnection)Rows.Tx.Connection, sql.Replace("version = @expected", "@expected is not null", StringComparison.Ordinal));
        var statements = (Dictionary<string, SqliteStatement>)typeof(Session).GetField("_statements", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(Rows.Tx)!;
        statements[sql] = blind;
    }

    public void Dispose()
    {
        _listener.Dispose();
        Rows.Dispose();
        Webhooks.Dispose();
        _services.Dispose();
    }

    // Each provider first in one model, with and without somewhere else to go.
    private static IEnumerable<ModelSpec> Models()
    {
        var like = Ask.Catalog.Models.First(model => model.MediaType is MediaType.Image);
        for (var i = 0; i < SimWorld.Providers.Length; i++)
        {
            for (var routes = 1; routes <= 2; routes++)
            {
                var id = $"model-{i}-{routes}";
                yield return like with
                {
                    Id = id,
                    Aliases = [],
                    Costs = [],
                    DeadlineSeconds = 300,
                    TypicalSeconds = 20,
                    Routes = [.. Enumerable.Range(0, routes).Select(place => RouteSpec.InOurWords(SimWorld.Providers[(i + (2 * place)) % SimWorld.Providers.Length], id))],
                };
            }
        }
    }

    private static ProvidersOptions Two()
    {
        var options = new ProvidersOptions();
        foreach (var provider in SimWorld.Providers)
        {
            options[provider] = new ProviderOptions { Concurrency = Places, ApiKey = $"{provider}-1,{provider}-2" };
        }

        return options;
    }

    private sealed class Endless : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }
}

/// <summary>What one seed came to.</summary>
/// <param name="Seed">Repeats it.</param>
/// <param name="Failure">What must not be and was; null where all held.</param>
/// <param name="Trace">A hash of all that happened.</param>
/// <param name="Steps">How much happened.</param>
/// <param name="Story">All that happened, if it was asked for.</param>
internal sealed record SimRun(int Seed, string? Failure, string Trace, int Steps, IReadOnlyList<string> Story);
