using System.Text.Json;
using Npgsql;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Bfl;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>Three servers as processes on one PostgreSQL, in front of one vendor of pictures whose jobs run until the test says otherwise.</summary>
internal sealed class ClusterScene : IAsyncDisposable
{
    public const string Model = "flux-2-pro-text-to-image";
    private static readonly string[] Everything = [.. Enumerable.Repeat("api,worker", 3)];
    private string _postgres = "";
    private volatile bool _finished;

    public FakeBfl Vendor { get; } = new();

    public List<ServerProcess> Nodes { get; } = [];

    /// <param name="concurrency">The vendor's places.</param>
    /// <param name="roles">A node for each; null is three that do everything.</param>
    public static Task<ClusterScene> StartAsync(int concurrency, params string[] roles) => StartAsync(concurrency, new Dictionary<string, string?>(), roles);

    /// <param name="concurrency">The vendor's places.</param>
    /// <param name="more">Variables of all nodes.</param>
    /// <param name="roles">A node for each; null is three that do everything.</param>
    public static async Task<ClusterScene> StartAsync(int concurrency, IReadOnlyDictionary<string, string?> more, params string[] roles)
    {
        TestPostgres.SkipIfAbsent();
        var scene = new ClusterScene();
        try
        {
            scene._postgres = await TestPostgres.CreateAsync(migrated: false);
            await scene.Vendor.OpenAsync();
            scene.Vendor.Books.Default = new JobPlan { Answer = () => scene._finished ? PollAnswer.Succeeded : PollAnswer.Running };

            // All at once, on an empty database.
            scene.Nodes.AddRange(await Task.WhenAll((roles.Length > 0 ? roles : Everything).Select(role => ServerProcess.StartAsync(new Dictionary<string, string?>(more)
            {
                ["Zoetrope__Roles"] = role,
                ["Zoetrope__Database__ConnectionString"] = scene._postgres,
                ["Zoetrope__Providers__bfl__BaseUrl"] = scene.Vendor.BaseUrl.ToString(),
                ["Zoetrope__Providers__bfl__ApiKey"] = scene.Vendor.Key,
                ["Zoetrope__Providers__bfl__Concurrency"] = $"{concurrency}",
                ["Zoetrope__Egress__AllowedPrivateHosts"] = "127.0.0.1",
            }))));
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>The vendor's jobs are done, and so are all that come.</summary>
    public void Finish() => _finished = true;

    /// <summary>Starts a task at one of the nodes.</summary>
    public async Task<string> GenerateAsync(int node, Customer customer, string prompt) =>
        (await Nodes[node].Api.GenerateAsync(customer, new { model = Model, input = new { prompt } })).Expect(200).Data.GetProperty("id").GetString()!;

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(_postgres);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>What <c>./run nodes</c> says to a program.</summary>
    public async Task<JsonElement> ListNodesAsync()
    {
        using var directory = new TemporaryDirectory();
        await using var process = ChildProcess.StartAssembly(
            "Zoetrope.Server.dll", ["nodes", "--json"], new Dictionary<string, string?> { ["ZOETROPE_DATA"] = directory.Path, ["Zoetrope__Database__ConnectionString"] = _postgres });
        Assert.Equal(0, await process.ExitCodeAsync(Until.Patience));
        return JsonDocument.Parse(process.StandardOutput).RootElement;
    }

    public Task<long> DeadlocksAsync() => AskAsync<long>("select deadlocks from pg_stat_database where datname = current_database()");

    public async ValueTask DisposeAsync()
    {
        Finish();
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        await Vendor.DisposeAsync();
        if (_postgres.Length > 0)
        {
            await TestPostgres.DropAsync(_postgres);
        }
    }
}
