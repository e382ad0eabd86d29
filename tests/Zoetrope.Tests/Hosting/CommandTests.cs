using System.Text.Json;
using Microsoft.Data.Sqlite;
using Zoetrope.Server.Hosting;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting;

/// <summary>The operator's words as processes beside a running server: the answer on stdout, one line for a failure, an honest exit code.</summary>
public sealed class CommandTests
{
    private static readonly TimeSpan Patience = Until.Patience;

    [Fact]
    public async Task An_operator_makes_an_account_gives_it_a_key_and_credits_and_takes_the_key_away()
    {
        await using var server = await ServerProcess.StartAsync();
        var account = (await JsonAsync(server, "account", "create", "--name", "Studio", "--plan", "pro")).GetProperty("id").GetString()!;
        var key = await JsonAsync(server, "key", "create", "--account", account, "--mode", "test");
        await JsonAsync(server, "credits", "grant", "--account", account, "--amount", "500", "--mode", "test", "--reason", "a gift");
        var customer = new Customer(account, key.GetProperty("key").GetString()!);

        Assert.Equal(500, await server.Api.CreditsAsync(customer));
        Assert.Contains((await JsonAsync(server, "key", "list", "--account", account)).EnumerateArray(), item => item.GetProperty("id").GetString() == key.GetProperty("id").GetString());

        await JsonAsync(server, "key", "revoke", key.GetProperty("id").GetString()!);

        // Documented: a running server notices within a second.
        var reply = await Until.SeesAsync(() => server.Api.GetAsync(customer, "/api/v1/credits"), reply => reply.Status != 200);
        Assert.Equal("INVALID_API_KEY", reply.Code);
    }

    [Fact]
    public async Task An_audit_passes_on_good_books_and_fails_on_bad_ones()
    {
        await using var server = await ServerProcess.StartAsync();
        var customer = await server.Api.CreateCustomerAsync(1_000);
        Assert.True((await JsonAsync(server, "ledger", "audit")).GetProperty("ok").GetBoolean());

        using (var connection = new SqliteConnection($"Data Source={Path.Combine(server.DataDirectory, "zoetrope.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"update balances set available = available + 1 where account_id = '{customer.AccountId}'";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        var (exit, output, errors) = await RunAsync(server, "ledger", "audit", "--json");
        Assert.Equal(1, exit);
        using var report = JsonDocument.Parse(output);
        Assert.False(report.RootElement.GetProperty("ok").GetBoolean());
        Assert.StartsWith("error: LEDGER_BROKEN: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checks_and_descriptions_answer_without_a_server()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.KillAsync();
        var broken = Path.Combine(server.DataDirectory, "catalog.json");
        await File.WriteAllTextAsync(broken, """{"models":[{"id":"nonsense"}]}""");

        Assert.True((await JsonAsync(server, "catalog", "check")).GetProperty("ok").GetBoolean());
        var (exit, _, errors) = await RunAsync(server, "catalog", "check", broken);
        Assert.NotEqual(0, exit);
        Assert.StartsWith("error: CATALOG_INVALID: ", errors, StringComparison.Ordinal);
        Assert.Equal("Zoetrope catalogue", (await JsonAsync(server, "catalog", "schema")).GetProperty("title").GetString());
        Assert.StartsWith("3.1.", (await JsonAsync(server, "openapi")).GetProperty("openapi").GetString(), StringComparison.Ordinal);
        await JsonAsync(server, "migrate");
    }

    [Fact]
    public async Task Costs_are_a_table_of_80_columns_and_a_price_below_cost_fails_the_check()
    {
        using var directory = new TemporaryDirectory();
        var cheap = Path.Combine(directory.Path, "cheap.json");
        await File.WriteAllTextAsync(cheap, """{"models":[{"id":"seedream-4-5-text-to-image","price":{"credits":3}}]}""");

        var (exit, table, errors) = await RunAsync(directory.Path, "http://127.0.0.1:0", ["catalog", "costs"]);
        Assert.True(exit == 0, errors);
        Assert.All(table.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Matches("(?m)^MODEL +ROUTE +PRICE +USD +COST +MARGIN$", table);
        Assert.Matches("(?m)^veo-3-1-fast-first-last-frame-to-video +vertex +272 +3.2640 +0.8000 +75%$", table);
        Assert.Matches("(?m)^seedream-4-5-text-to-image +ark +15 +0.1800 +~0.0400 +77%$", table);
        Assert.Matches("(?m)^seedream-4-5-text-to-image +vicsee +15 +0.1800 +unknown$", table);

        var (failed, report, reason) = await RunAsync(directory.Path, "http://127.0.0.1:0", ["catalog", "check", cheap]);
        Assert.NotEqual(0, failed);
        Assert.StartsWith("error: PRICE_BELOW_COST: ", reason, StringComparison.Ordinal);
        Assert.Matches("(?m)^seedream-4-5-text-to-image +ark +3 +0.0360 +~0.0400 +-12%$", report);
        Assert.Contains("models[seedream-4-5-text-to-image].routes[0].cost: seedream-4-5-text-to-image is sold below cost through ark", report, StringComparison.Ordinal);
        Assert.EndsWith("2 error(s)\n", report, StringComparison.Ordinal);

        var (_, json, _) = await RunAsync(directory.Path, "http://127.0.0.1:0", ["catalog", "costs", cheap, "--json"]);
        using var document = JsonDocument.Parse(json);
        var route = document.RootElement.GetProperty("routes").EnumerateArray().First(route => route.GetProperty("model").GetString() == "seedream-4-5-text-to-image");
        Assert.Equal(("ark", 3, 36_000, 40_000, "assumed"), (route.GetProperty("provider").GetString(), route.GetProperty("credits").GetInt32(), route.GetProperty("priceMicros").GetInt32(), route.GetProperty("costMicros").GetInt32(), route.GetProperty("kind").GetString()));
    }

    [Theory]
    [InlineData("USAGE", "no-such-command")]
    [InlineData("USAGE", "account", "create")]
    [InlineData("INVALID_PLAN", "account", "create", "--name", "A", "--plan", "platinum")]
    [InlineData("KEY_NOT_FOUND", "key", "revoke", "key_00000000000000000000000000")]
    [InlineData("ACCOUNT_NOT_FOUND", "credits", "grant", "--account", "acct_00000000000000000000000000", "--amount", "5", "--mode", "test", "--reason", "a")]
    [InlineData("USAGE", "credits", "grant", "--account", "a", "--amount", "-5", "--mode", "test", "--reason", "a")]
    public async Task A_failure_is_one_line_with_its_code_and_not_zero(string code, params string[] arguments)
    {
        using var directory = new TemporaryDirectory();
        var (exit, output, errors) = await RunAsync(directory.Path, "http://127.0.0.1:0", arguments);

        Assert.NotEqual(0, exit);
        Assert.Equal("", output);
        Assert.Matches($"^error: {code}: [^\n]+\n$", errors);
    }

    [Fact]
    public async Task Every_option_that_is_missing_is_named_at_once()
    {
        using var directory = new TemporaryDirectory();
        var (_, _, errors) = await RunAsync(directory.Path, "http://127.0.0.1:0", ["credits", "grant"]);

        Assert.All(["--account", "--amount", "--mode", "--reason"], option => Assert.Contains(option, errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_demo_leaves_a_playable_file()
    {
        await using var server = await ServerProcess.StartAsync();
        var file = Path.Combine(server.DataDirectory, "fox.mp4");

        var answer = await JsonAsync(server, "demo", "A red fox", "--model", "seedance-2-0-mini-text-to-video", "--duration", "4", "--output", file);

        Assert.Equal(file, answer.GetProperty("file").GetString());
        Assert.Equal(4, (await FfProbe.ReadAsync(await File.ReadAllBytesAsync(file))).Seconds, 0.1);
    }

    [Fact]
    public async Task A_demo_says_which_server_and_which_key_it_uses()
    {
        await using var server = await ServerProcess.StartAsync();
        using var elsewhere = new TemporaryDirectory();
        await File.WriteAllTextAsync(elsewhere.File("first-key.txt"), "sk-test-0123456789012345678901234567890123456789\n");

        var known = await RunAsync(server, "demo", "A red fox", "--model", "nano-banana-text-to-image", "--output", Path.Combine(server.DataDirectory, "fox.png"));
        var foreign = await RunAsync(elsewhere.Path, server.Address.ToString(), ["demo", "A red fox"]);

        Assert.Equal(0, known.Exit);
        Assert.Contains($"Server {server.Address.ToString().TrimEnd('/')}, key of {server.DataDirectory}/first-key.txt", known.Errors, StringComparison.Ordinal);
        Assert.Equal(1, foreign.Exit);
        Assert.All(["INVALID_API_KEY", "ZOETROPE_DATA", elsewhere.File("first-key.txt"), server.Address.ToString().TrimEnd('/')], text => Assert.Contains(text, foreign.Errors, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", "data", "  ./run demo ")]
    [InlineData("http://127.0.0.1:9000", "data", "  ZOETROPE_URLS=http://127.0.0.1:9000 ./run demo ")]
    [InlineData("http://127.0.0.1:8080", "/srv/zoe", "  ZOETROPE_DATA=/srv/zoe ./run demo ")]
    [InlineData("http://127.0.0.1:9000", "/srv/my zoe's", @"  ZOETROPE_URLS=http://127.0.0.1:9000 ZOETROPE_DATA='/srv/my zoe'\''s' ./run demo ")]
    public void The_demo_that_a_start_proposes_finds_that_server(string url, string data, string hint)
    {
        using var output = new StringWriter();
        Banner.Print(output, url, Path.GetFullPath(data), new FirstWords { Key = "sk-test-1" });

        Assert.Contains(output.ToString().Split('\n'), line => line.StartsWith(hint, StringComparison.Ordinal));
    }

    private static async Task<JsonElement> JsonAsync(ServerProcess server, params string[] arguments)
    {
        var (exit, output, errors) = await RunAsync(server, [.. arguments, "--json"]);
        Assert.True(exit == 0, errors);
        using var json = JsonDocument.Parse(output);
        return json.RootElement.Clone();
    }

    private static Task<(int Exit, string Output, string Errors)> RunAsync(ServerProcess server, params string[] arguments) =>
        RunAsync(server.DataDirectory, server.Address.ToString(), arguments);

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(string data, string url, string[] arguments)
    {
        await using var process = ChildProcess.StartAssembly("Zoetrope.Server.dll", arguments, new Dictionary<string, string?> { ["ZOETROPE_DATA"] = data, ["ZOETROPE_URLS"] = url });
        var exit = await process.ExitCodeAsync(Patience);
        return (exit, process.StandardOutput, process.StandardError);
    }
}
