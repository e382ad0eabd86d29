using System.Text.Json;
using Zoetrope.Server.Hosting;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting.Cluster;

/// <summary><c>catalog apply</c> and <c>providers reopen</c>: an operator's word reaches every node, those that run and those that start later.</summary>
public sealed class SharedCatalogTests
{
    private const string Model = "nano-banana-text-to-image";

    [Theory]
    [InlineData(nameof(SqlDialect.Sqlite))]
    [InlineData(nameof(SqlDialect.Postgres))]
    public async Task An_applied_catalogue_is_served_by_all_nodes_and_a_broken_one_by_none(string dialect)
    {
        using var directory = new TemporaryDirectory();
        await using var one = await TestZoetrope.StartAsync(new TestServer { Database = Enum.Parse<SqlDialect>(dialect) });
        await using var two = one.Postgres is { } postgres ? await TestZoetrope.StartAsync(new TestServer { Postgres = postgres }) : null;
        var nodes = new[] { one, two }.OfType<TestZoetrope>().ToList();

        Assert.Equal((0, "Version 1 of the catalogue is in use. Every node has it within two seconds.\n"), await ApplyAsync(one, directory, "Renamed"));
        await Until.HoldsAsync(async () => (await Task.WhenAll(nodes.Select(NameAsync))).All(name => name == "Renamed"));
        Assert.Equal((0, "Version 2 of the catalogue is in use. Every node has it within two seconds.\n"), await ApplyAsync(one, directory, "Renamed again"));
        await Until.HoldsAsync(async () => (await Task.WhenAll(nodes.Select(NameAsync))).All(name => name == "Renamed again"));

        var (exit, said) = await ApplyAsync(one, directory, null);
        Assert.Equal(1, exit);
        Assert.StartsWith("error: CATALOG_INVALID: The catalogue was not applied.", said, StringComparison.Ordinal);

        if (one.Postgres is not null)
        {
            await using var three = await TestZoetrope.StartAsync(new TestServer { Postgres = one.Postgres });
            Assert.Equal("Renamed again", await NameAsync(three));

            // Its own file is its own business; one that no build can serve stops a start.
            await using var own = await TestZoetrope.StartAsync(new TestServer { Postgres = one.Postgres, Settings = new Dictionary<string, string?> { ["Catalog:File"] = await FileAsync(directory, "Own") } });
            Assert.Equal("Own", await NameAsync(own));
            await ExecuteAsync(one.Postgres, "insert into catalogs values (3, '{\"models\":[{\"id\":\"nonsense\"}]}', '', 0)");
            var refused = await Assert.ThrowsAsync<StartException>(() => TestZoetrope.StartAsync(new TestServer { Postgres = one.Postgres }));
            Assert.Equal("CATALOG_INVALID", refused.Code);
            Assert.Equal("Renamed again", await NameAsync(one));
        }
    }

    [Fact]
    public async Task A_provider_that_an_operator_reopens_is_used_again()
    {
        await using var server = await ServerProcess.StartAsync(new Dictionary<string, string?> { ["Zoetrope__Providers__bfl__ApiKey"] = "test-key-0123456789" });
        await ExecuteSqliteAsync(server.DataDirectory, "insert into provider_gates (provider, version, failures, opened, open_until, probe_until, reason, keys) values ('bfl', 7, 5, 1, 99999999999999, 0, 'it was down', '{}')");
        await Until.HoldsAsync(async () => (await StandingAsync()).Contains("it was down", StringComparison.Ordinal));
        foreach (var (provider, exit, said) in new[]
        {
            ("bfl", 0, "bfl and all its keys are used again. Every node knows within a second."),
            ("fal", 0, "fal was not left alone: none of its submits has failed."),
            ("bfg", 2, "error: UNKNOWN_PROVIDER: There is no provider bfg. There are: "),
        })
        {
            await using var process = ChildProcess.StartAssembly("Zoetrope.Server.dll", ["providers", "reopen", provider], new Dictionary<string, string?> { ["ZOETROPE_DATA"] = server.DataDirectory });
            Assert.Equal(exit, await process.ExitCodeAsync(Until.Patience));
            Assert.Contains(said, process.Output, StringComparison.Ordinal);
        }

        await Until.HoldsAsync(async () => !(await StandingAsync()).Contains("it was down", StringComparison.Ordinal));

        async Task<string> StandingAsync() => (await server.Api.OperateAsync(HttpMethod.Get, "/admin/v1/providers")).Expect(200).Text;
    }

    private static async Task<string> NameAsync(TestZoetrope node) =>
        (await node.Api.SendAsync(HttpMethod.Get, $"/api/v1/models/{Model}", key: null)).Expect(200).Data.GetProperty("name").GetString()!;

    private static async Task<string> FileAsync(TemporaryDirectory directory, string? name)
    {
        var file = directory.File($"{Guid.NewGuid():n}.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { models = new[] { new { id = Model, name } } }));
        return file;
    }

    private static async Task<(int Exit, string Said)> ApplyAsync(TestZoetrope node, TemporaryDirectory directory, string? name)
    {
        await using var process = ChildProcess.StartAssembly("Zoetrope.Server.dll", ["catalog", "apply", await FileAsync(directory, name)], new Dictionary<string, string?>
        {
            ["ZOETROPE_DATA"] = node.DataDirectory,
            ["Zoetrope__Database__ConnectionString"] = node.Postgres,
        });
        var exit = await process.ExitCodeAsync(Until.Patience);
        return (exit, process.Output);
    }

    private static async Task ExecuteAsync(string postgres, string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(postgres);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task ExecuteSqliteAsync(string directory, string sql)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(directory, "zoetrope.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
