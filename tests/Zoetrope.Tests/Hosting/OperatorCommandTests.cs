using System.Text.Json;
using System.Text.RegularExpressions;
using Spectre.Console;
using Zoetrope.Server.Hosting.Commands;
using Zoetrope.Tables;
using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting;

/// <summary>What an operator looks up and puts right from the command line, beside a running server with the settings it starts with.</summary>
public sealed class OperatorCommandTests(OperatorCommandTests.Scene scene) : IClassFixture<OperatorCommandTests.Scene>
{
    private const int Columns = 80;

    [Fact]
    public async Task A_request_id_leads_to_the_task_its_ledger_and_every_line_of_the_log()
    {
        var found = await Until.SeesAsync(() => JsonAsync("find", "customer-1"), found => Messages(found).Any(line => line.StartsWith($"{scene.Done} succeeded", StringComparison.Ordinal)));
        var (exit, text, _) = await RunAsync("find", "customer-1");
        var (missing, nothing, errors) = await RunAsync("find", "customer-2");

        var record = Assert.Single(found.GetProperty("tasks").EnumerateArray());
        Assert.Equal(scene.Done, record.GetProperty("task").GetProperty("id").GetString());
        Assert.Equal(["hold", "settle"], record.GetProperty("ledger").EnumerateArray().Select(line => line.GetProperty("kind").GetString()).Take(2));
        Assert.NotNull(Assert.Single(record.GetProperty("attempts").EnumerateArray()).GetProperty("providerTaskId").GetString());
        Assert.Contains(Messages(found), line => line.StartsWith("POST /api/v1/generate 200 in ", StringComparison.Ordinal));
        Assert.Equal(0, exit);
        Assert.StartsWith($"{scene.Done}  completed  test\n", text, StringComparison.Ordinal);
        Assert.Contains("customer-1", text, StringComparison.Ordinal);
        Assert.Contains($"{scene.Done} succeeded", text, StringComparison.Ordinal);
        Assert.Equal((1, ""), (missing, nothing.Trim()));
        Assert.StartsWith("error: NOT_FOUND: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_the_default_level_one_line_has_request_and_task_and_another_says_why_a_task_failed()
    {
        var lines = await Until.SeesAsync(
            () => Task.FromResult(scene.Server.Output.Split('\n').Where(line => line.StartsWith('{')).ToList()),
            lines => lines.Any(line => line.Contains($"{scene.Failed} failed", StringComparison.Ordinal)));

        Assert.Contains(lines, line => line.Contains("\"requestId\":\"customer-1\"", StringComparison.Ordinal) && line.Contains($"\"taskId\":\"{scene.Done}\"", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains($"{scene.Failed} failed", StringComparison.Ordinal) && line.Contains("CONTENT_REFUSED", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("a fox in a secret place", StringComparison.Ordinal));
        Assert.All(lines, line =>
        {
            using var json = JsonDocument.Parse(line);
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", json.RootElement.GetProperty("time").GetString());
            Assert.Matches("^(debug|info|warn|error)$", json.RootElement.GetProperty("level").GetString());
        });
    }

    [Fact]
    public async Task Suspense_is_listed_and_resolved_once()
    {
        var listed = Assert.Single((await JsonAsync("suspense", "list")).EnumerateArray());
        Assert.Equal((scene.Lost, "test"), (listed.GetProperty("taskId").GetString(), listed.GetProperty("mode").GetString()));
        var (_, table, _) = await RunAsync("suspense", "list");
        Assert.Contains(scene.Lost, Lines(table)[1], StringComparison.Ordinal);

        Assert.StartsWith("error: USAGE: ", (await RunAsync("suspense", "resolve", scene.Lost, "--reason", "r")).Errors, StringComparison.Ordinal);
        var resolved = await JsonAsync("suspense", "resolve", scene.Lost, "--charged", "--reason", "invoice 17");
        Assert.True(resolved.GetProperty("charged").GetBoolean());
        Assert.StartsWith("error: INVALID_OPERATION: ", (await RunAsync("suspense", "resolve", scene.Lost, "--not-charged", "--reason", "r")).Errors, StringComparison.Ordinal);
        Assert.Empty((await JsonAsync("suspense", "list")).EnumerateArray());
        Assert.True((await JsonAsync("ledger", "audit")).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Tasks_accounts_keys_and_ledgers_are_listed_with_whole_ids()
    {
        var failed = Assert.Single((await JsonAsync("tasks", "list", "--status", "failed", "--account", scene.Customer.AccountId, "--limit", "1")).EnumerateArray());
        Assert.Equal(JsonValueKind.String, failed.GetProperty("errorCode").ValueKind);
        var tasks = Lines((await RunAsync("tasks", "list")).Output);
        Assert.Contains(tasks, line => line.StartsWith($"{scene.Failed}  failed     test  20", StringComparison.Ordinal));
        Assert.Contains(Lines((await RunAsync("account", "list")).Output), line => line.StartsWith(scene.Customer.AccountId + "  enterprise", StringComparison.Ordinal));
        Assert.Contains(Lines((await RunAsync("key", "list", "--account", scene.Customer.AccountId)).Output), line => Regex.IsMatch(line, "^key_[0-9a-z]{26}  acct_[0-9a-z]{26}  test "));
        Assert.Contains(Lines((await RunAsync("credits", "show")).Output), line => line.StartsWith(scene.Customer.AccountId + "  test", StringComparison.Ordinal));
        Assert.Contains(Lines((await RunAsync("credits", "ledger", "--account", scene.Customer.AccountId, "--limit", "50")).Output), line => line.Contains("settle", StringComparison.Ordinal));
        Assert.StartsWith("error: INVALID_PARAMETER: ", (await RunAsync("tasks", "list", "--status", "done")).Errors, StringComparison.Ordinal);
        Assert.StartsWith("error: ACCOUNT_NOT_FOUND: ", (await RunAsync("credits", "ledger", "--account", "acct_1")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plans_keys_and_credits_are_put_right()
    {
        var account = (await JsonAsync("account", "create", "--name", "Other", "--plan", "starter")).GetProperty("id").GetString()!;
        Assert.Equal("pro", (await JsonAsync("account", "change", account, "--plan", "pro")).GetProperty("plan").GetString());
        var key = await JsonAsync("key", "create", "--account", account, "--mode", "test", "--rpm", "60");
        var rotated = await JsonAsync("key", "rotate", key.GetProperty("id").GetString()!, "--grace", "01:00:00");
        Assert.NotEqual(key.GetProperty("key").GetString(), rotated.GetProperty("key").GetString());
        Assert.Equal(60, rotated.GetProperty("requestsPerMinute").GetInt64());
        Assert.StartsWith("error: KEY_NOT_FOUND: ", (await RunAsync("key", "rotate", "key_1")).Errors, StringComparison.Ordinal);

        await JsonAsync("credits", "adjust", "--account", account, "--mode", "test", "--amount", "50", "--reason", "a gift");
        var less = await JsonAsync("credits", "adjust", "--account", account, "--mode", "test", "--amount", "-20", "--reason", "too much");
        Assert.Equal(30, less.GetProperty("balance").GetProperty("available").GetInt64());
        Assert.StartsWith("error: INSUFFICIENT_CREDITS: ", (await RunAsync("credits", "adjust", "--account", account, "--mode", "test", "--amount", "-31", "--reason", "r")).Errors, StringComparison.Ordinal);
        var refund = await JsonAsync("credits", "refund", scene.Done, "--amount", "1", "--reason", "grainy", "--reference", "ticket-1");
        Assert.Equal(1, refund.GetProperty("amount").GetInt64());
        Assert.True((await JsonAsync("credits", "refund", scene.Done, "--amount", "1", "--reason", "grainy", "--reference", "ticket-1")).GetProperty("replayed").GetBoolean());
        Assert.StartsWith("error: INVALID_OPERATION: ", (await RunAsync("credits", "refund", scene.Failed, "--reason", "r")).Errors, StringComparison.Ordinal);
        Assert.StartsWith("error: TASK_NOT_FOUND: ", (await RunAsync("credits", "refund", "task_1", "--reason", "r")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_nothing_says_so_in_a_sentence()
    {
        using var empty = new TemporaryDirectory();
        Assert.Equal(0, (await RunInAsync(empty.Path, "migrate")).Exit);
        foreach (var (command, sentence) in new[]
        {
            ("suspense list", "Nothing is in suspense."), ("tasks list", "No tasks."), ("account list", "No accounts."),
            ("account list --name x", "No account has x in its name."), ("key list", "No keys."), ("credits show", "No accounts."),
        })
        {
            Assert.Equal((0, sentence, ""), await RunInAsync(empty.Path, command.Split(' ')) is var (exit, output, errors) ? (exit, output.Trim(), errors) : default);
        }

        Assert.Equal("[]", (await RunInAsync(empty.Path, "suspense", "list", "--json")).Output.Trim());

        // What needs no data needs no directory, and leaves none.
        var none = Path.Combine(empty.Path, "none");
        Assert.StartsWith("{", (await RunInAsync(none, "openapi")).Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(none));
    }

    [Fact]
    public async Task What_a_program_may_spend_is_shown_and_changed()
    {
        var (browser, _) = await OAuthBrowser.ConnectAsync(scene.Server.Api, scene.Customer.Key, spendPerDay: "500", askAbove: "50");
        browser.Dispose();
        var grant = Assert.Single((await JsonAsync("key", "list", "--grants", "--account", scene.Customer.AccountId)).EnumerateArray());
        var id = grant.GetProperty("id").GetString()!;

        var table = Lines((await RunAsync("key", "list", "--grants")).Output);
        var changed = await JsonAsync("key", "limit", id, "--ask-above", "600");

        Assert.Contains(table, line => line.StartsWith($"{id}  500    0      50", StringComparison.Ordinal));
        Assert.Equal((500, 600), (changed.GetProperty("spendPerDay").GetInt64(), changed.GetProperty("askAbove").GetInt64()));
        Assert.StartsWith("error: USAGE: ", (await RunAsync("key", "limit", id)).Errors, StringComparison.Ordinal);
        Assert.StartsWith("error: KEY_NOT_FOUND: ", (await RunAsync("key", "limit", "key_1", "--ask-above", "1")).Errors, StringComparison.Ordinal);
        Assert.StartsWith("error: INVALID_OPERATION: ", (await RunAsync("key", "limit", grant.GetProperty("parentId").GetString()!, "--ask-above", "1")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_of_a_running_server_is_restored_whole()
    {
        using var backup = new TemporaryDirectory();
        using var restored = new TemporaryDirectory();
        Assert.StartsWith("error: USAGE: ", (await RunAsync("backup", Path.Combine(scene.Server.DataDirectory, "inside"))).Errors, StringComparison.Ordinal);
        Assert.True((await JsonAsync("backup", backup.Path)).GetProperty("files").GetInt64() > 2);
        Assert.Equal(0, (await JsonAsync("backup", backup.Path)).GetProperty("files").GetInt64());
        Assert.False(Directory.Exists(Path.Combine(backup.Path, "logs")));
        Assert.StartsWith("error: DATA_DIRECTORY_IN_USE: ", (await RunAsync("restore", backup.Path)).Errors, StringComparison.Ordinal);
        Assert.StartsWith("error: NO_BACKUP: ", (await RunInAsync(restored.Path, "restore", restored.Path + "/..")).Errors, StringComparison.Ordinal);

        var (exit, _, errors) = await RunInAsync(restored.Path, "restore", backup.Path);
        Assert.True(exit == 0, errors);
        Assert.StartsWith("error: DATA_DIRECTORY_NOT_EMPTY: ", (await RunInAsync(restored.Path, "restore", backup.Path)).Errors, StringComparison.Ordinal);
        Assert.Contains(scene.Done, (await RunInAsync(restored.Path, "tasks", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunInAsync(restored.Path, "ledger", "audit")).Exit);
        Assert.Equal(Files(scene.Server.DataDirectory), Files(restored.Path));
    }

    [Fact]
    public void A_line_ends_where_the_terminal_does_and_never_before_the_id()
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = AnsiSupport.No });
        console.Profile.Width = Columns;
        var table = new ListTable("TASK", "STATUS", "WHY").Cutting("WHY");
        table.AddRow("task_00000000000000000000000000", "processing", new string('x', 200));
        table.AddRow("a\u001b[[2Jb", "c", "");
        console.Write(table);
        var lines = writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.All(lines, line => Assert.True(line.Length <= Columns, line));
        Assert.StartsWith("task_00000000000000000000000000  processing  xx", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("x…", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("a?[2Jb", lines[2], StringComparison.Ordinal);
    }

    private static IEnumerable<string> Messages(JsonElement found) => found.GetProperty("log").EnumerateArray().Select(line => line.GetProperty("message").GetString()!);

    private static string[] Lines(string table) => table.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IReadOnlyList<string> Files(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(directory, file))
            .Where(file => !file.StartsWith("logs", StringComparison.Ordinal) && !file.StartsWith("tmp", StringComparison.Ordinal) && !file.StartsWith("zoetrope.db-", StringComparison.Ordinal) && file is not ("server.lock" or "zoetrope.db.migrate"))
            .Order(StringComparer.Ordinal)];

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var (exit, output, errors) = await RunAsync([.. arguments, "--json"]);
        Assert.True(exit == 0, errors);
        using var json = JsonDocument.Parse(output);
        return json.RootElement.Clone();
    }

    private Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments) => RunInAsync(scene.Server.DataDirectory, arguments);

    private static async Task<(int Exit, string Output, string Errors)> RunInAsync(string data, params string[] arguments)
    {
        await using var process = ChildProcess.StartAssembly("Zoetrope.Server.dll", arguments, new Dictionary<string, string?> { ["ZOETROPE_DATA"] = data, ["ZOETROPE_URLS"] = "http://127.0.0.1:0" });
        var exit = await process.ExitCodeAsync(Until.Patience);
        return (exit, process.StandardOutput, process.StandardError);
    }

    /// <summary>A server with three tasks: one done, one refused, one whose outcome nobody knows.</summary>
    public sealed class Scene : IAsyncLifetime
    {
        internal ServerProcess Server { get; private set; } = null!;

        internal Customer Customer { get; private set; } = null!;

        internal string Done { get; private set; } = "";

        internal string Failed { get; private set; } = "";

        internal string Lost { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            Server = await ServerProcess.StartAsync(new Dictionary<string, string?> { ["Zoetrope__Logging__Format"] = "json" });
            Customer = await Server.Api.CreateCustomerAsync();
            Done = await EndAsync("a fox in a secret place", "customer-1");
            Failed = await EndAsync("[[moderated]]", null);
            Lost = await EndAsync("[[unknown-outcome]]", null);
        }

        public ValueTask DisposeAsync() => Server?.DisposeAsync() ?? ValueTask.CompletedTask;

        private async Task<string> EndAsync(string prompt, string? requestId)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/generate")
            {
                Content = new StringContent(JsonSerializer.Serialize(new { model = "nano-banana-2-text-to-image", input = new { prompt, resolution = "0.5K" } }), System.Text.Encoding.UTF8, "application/json"),
            };
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Customer.Key}");
            if (requestId is not null)
            {
                request.Headers.TryAddWithoutValidation("X-Request-Id", requestId);
            }

            var id = (await Server.Api.SendAsync(request)).Expect(200).Data.GetProperty("id").GetString()!;
            await Server.Api.WaitAsync(Customer, id);
            return id;
        }
    }
}
