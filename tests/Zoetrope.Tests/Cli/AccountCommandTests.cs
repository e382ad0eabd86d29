using System.Text.Json;
using Zoetrope.Server.Operator;
using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Cli;

/// <summary>Models, tasks, credits, keys, logins and batches, as processes against the real server.</summary>
public sealed class AccountCommandTests(CliServer server) : IClassFixture<CliServer>, IDisposable
{
    private const string Model = "nano-banana-text-to-image";
    private readonly CliShell _shell = server.Shell();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Models_are_filtered_described_and_priced()
    {
        using var stranger = server.Shell(loggedIn: false);
        var table = (await stranger.RunAsync("models", "--type", "video", "--provider", "bytedance")).Expect(0);
        var found = (await stranger.RunAsync("models", "banana image", "--json")).Expect(0);
        var one = (await _shell.RunAsync("models", "seedance-2-0-text-to-video", "-d", "10", "--set", "resolution=480p")).Expect(0);
        var none = (await stranger.RunAsync("models", "perpetual motion")).Expect(2);

        Assert.Contains("seedance-2-0-text-to-video", table.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("to-image", table.Out, StringComparison.Ordinal);
        Assert.All(found.Json.EnumerateArray(), model => Assert.Contains("banana", model.GetProperty("id").GetString(), StringComparison.Ordinal));
        Assert.Contains("resolution", one.Out, StringComparison.Ordinal);
        Assert.Matches(@"\d+ credits for duration=10, resolution=480p", one.Out);
        Assert.Contains("NO_MODEL", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_that_is_missing_is_named_at_once()
    {
        var run = (await _shell.RunAsync("keys", "create")).Expect(1);

        Assert.Contains("--account", run.Error, StringComparison.Ordinal);
        Assert.Contains("--mode", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_may_not_read_cancels_and_is_told_the_state()
    {
        var task = (await _shell.RunAsync("generate", Model, "A fox [[never-finishes]]", "--no-wait")).Expect(0).Line;
        var whole = (await _shell.RunAsync("generate", Model, "A fox [[never-finishes]]", "--no-wait")).Expect(0).Line;
        using var limited = new CliShell(server.Zoetrope.Api.Address, await server.Zoetrope.Api.CreateKeyAsync(server.Customer.AccountId, limits: new { scopes = new[] { "generate" } }));
        var run = (await limited.RunAsync("cancel", task, "--json")).Expect(0);

        Assert.Equal(task, run.Json.GetProperty("id").GetString());
        Assert.False(run.Json.TryGetProperty("prompt", out _));
        Assert.Contains("cancelled", (await _shell.RunAsync("cancel", whole)).Expect(0).Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tasks_are_listed_read_downloaded_and_cancelled()
    {
        var made = (await _shell.RunAsync("generate", Model, "A red fox \u001b[31m", "--json", "-o", "a.png")).Expect(0).Json.GetProperty("id").GetString()!;
        var running = (await _shell.RunAsync("generate", Model, "A fox [[never-finishes]]", "--no-wait")).Expect(0).Line;

        var table = (await _shell.RunAsync("tasks")).Expect(0);
        var read = (await _shell.RunAsync("tasks", "get", made, "--json")).Expect(0);
        var saved = (await _shell.RunAsync("tasks", "download", made, "-o", "again.png")).Expect(0);
        var unfinished = (await _shell.RunAsync("tasks", "download", running)).Expect(2);
        var cancelled = (await _shell.RunAsync("cancel", running)).Expect(0);
        var unknown = (await _shell.RunAsync("tasks", "get", "task_1")).Expect(2);

        Assert.Contains(made, table.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', table.Out);
        Assert.Equal("completed", read.Json.GetProperty("status").GetString());
        Assert.Equal(await File.ReadAllBytesAsync(_shell.File("a.png")), await File.ReadAllBytesAsync(_shell.File(saved.Line)));
        Assert.Contains($"zoetrope tasks wait {running}", unfinished.Error, StringComparison.Ordinal);
        Assert.Contains("cancelled", cancelled.Line, StringComparison.Ordinal);
        Assert.Contains("TASK_NOT_FOUND", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credits_are_a_number()
    {
        var text = (await _shell.RunAsync("credits")).Expect(0);
        var json = (await _shell.RunAsync("credits", "--json")).Expect(0);

        Assert.True(long.Parse(text.Line) > 0);
        Assert.Equal("test", json.Json.GetProperty("mode").GetString());
    }

    [Fact]
    public async Task Keys_are_made_listed_and_revoked_with_the_operators_key()
    {
        var refused = (await _shell.RunAsync("keys", "list")).Expect(1);
        _shell.Environment["ZOETROPE_ADMIN_KEY"] = TestZoetrope.OperatorKey;
        var made = (await _shell.RunAsync("keys", "create", "--account", server.Customer.AccountId, "--mode", "test", "--name", "ci", "--spend-per-day", "500", "--json")).Expect(0).Json;
        var (id, secret) = (made.GetProperty("id").GetString()!, made.GetProperty("key").GetString()!);

        using var owner = new CliShell(server.Zoetrope.Api.Address, secret);
        (await owner.RunAsync("credits")).Expect(0);
        var listed = (await _shell.RunAsync("keys", "list", "--account", server.Customer.AccountId)).Expect(0);
        (await _shell.RunAsync("keys", "revoke", id)).Expect(0);
        var dead = (await owner.RunAsync("credits")).Expect(2);

        Assert.Contains("ZOETROPE_ADMIN_KEY", refused.Error, StringComparison.Ordinal);
        Assert.Equal(500, made.GetProperty("spendPerDay").GetInt64());
        Assert.Contains(id, listed.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, listed.Out, StringComparison.Ordinal);
        Assert.Contains("zoetrope login", dead.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, dead.Out + dead.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_managed_by_their_owner_and_me_shows_what_is_left()
    {
        var keeper = await server.Zoetrope.Api.CreateKeyAsync(server.Customer.AccountId, limits: new { scopes = new[] { "generate", "read", "keys" } });
        using var shell = new CliShell(server.Zoetrope.Api.Address, keeper);
        var made = (await shell.RunAsync("keys", "own", "create", "--name", "ci", "--spend-per-week", "700", "--model", "nano-banana-2-text-to-image", "--address", "127.0.0.1", "--json")).Expect(0).Json;
        var (id, secret) = (made.GetProperty("id").GetString()!, made.GetProperty("key").GetString()!);
        using var owner = new CliShell(server.Zoetrope.Api.Address, secret);
        var me = (await owner.RunAsync("me")).Expect(0);
        var changed = (await shell.RunAsync("keys", "own", "change", id, "--spend-per-week", "300", "--json")).Expect(0).Json;
        var nothing = (await shell.RunAsync("keys", "own", "change", id)).Expect(1);
        var rotated = (await shell.RunAsync("keys", "own", "rotate", id, "--json")).Expect(0).Json;
        (await owner.RunAsync("me")).Expect(2);
        var listed = (await shell.RunAsync("keys", "own", "list")).Expect(0);
        (await shell.RunAsync("keys", "own", "revoke", rotated.GetProperty("id").GetString()!)).Expect(0);
        var refused = (await _shell.RunAsync("keys", "own", "list")).Expect(2);

        Assert.Matches(@"spendPerWeek \*\s+700 \(key\)\s+0\s+700", me.Out);
        Assert.Equal(300, changed.GetProperty("limits").GetProperty("spendPerWeek").GetInt64());
        Assert.Contains("Nothing to change", nothing.Error, StringComparison.Ordinal);
        Assert.Contains(rotated.GetProperty("id").GetString()!, listed.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, listed.Out, StringComparison.Ordinal);
        Assert.Contains("keys", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_are_listed_changed_and_ended_with_the_key_that_allowed_them()
    {
        var key = await server.Zoetrope.Api.CreateKeyAsync(server.Customer.AccountId, limits: new { askAbove = 900 });
        using var owner = new CliShell(server.Zoetrope.Api.Address, key);
        var none = (await owner.RunAsync("grants", "list")).Expect(0);
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(server.Zoetrope.Api, key, spendPerDay: "500", askAbove: "50");
        browser.Dispose();

        var listed = (await owner.RunAsync("grants", "list")).Expect(0);
        var id = (await owner.RunAsync("grants", "list", "--json")).Expect(0).Json[0].GetProperty("id").GetString()!;
        var changed = (await owner.RunAsync("grants", "change", id, "--ask-above", "600", "--json")).Expect(0).Json;
        var tooMuch = (await owner.RunAsync("grants", "change", id, "--ask-above", "901")).Expect(2);
        var nothing = (await owner.RunAsync("grants", "change", id)).Expect(1);
        var foreign = (await _shell.RunAsync("grants", "end", id)).Expect(2);
        var ended = (await owner.RunAsync("grants", "end", id)).Expect(0);

        Assert.Contains("No program has access", none.Error, StringComparison.Ordinal);
        Assert.Contains($"{id}  500", listed.Out, StringComparison.Ordinal);
        Assert.Equal((500, 600), (changed.GetProperty("spendPerDay").GetInt64(), changed.GetProperty("askAbove").GetInt64()));
        Assert.Contains("asks above 900 credits", tooMuch.Error, StringComparison.Ordinal);
        Assert.Contains("--spend-per-day, --ask-above or both", nothing.Error, StringComparison.Ordinal);
        Assert.Contains("GRANT_NOT_FOUND", foreign.Error, StringComparison.Ordinal);
        Assert.Equal($"{id}  ended", ended.Line);
        Assert.Equal(401, (await server.Zoetrope.Api.GetAsync(server.Customer with { Key = tokens.Access }, "/api/v1/credits")).Status);
    }

    [Fact]
    public async Task A_login_is_checked_kept_for_the_user_alone_and_used_for_its_server_only()
    {
        using var shell = server.Shell(loggedIn: false);
        var wrong = (await shell.ScriptAsync("echo sk-test-wrong | zoetrope login")).Expect(2);
        Assert.False(File.Exists(shell.ProfilesFile));

        var kept = (await shell.ScriptAsync($"echo {server.Customer.Key} | zoetrope login --verbose")).Expect(0);
        var used = (await shell.RunAsync("credits")).Expect(0);
        var elsewhere = (await shell.RunAsync("credits", "--base-url", "http://127.0.0.1:1")).Expect(1);
        var unknown = (await shell.RunAsync("credits", "--profile", "work")).Expect(1);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(shell.ProfilesFile));
        }

        (await shell.RunAsync("logout")).Expect(0);
        (await shell.RunAsync("credits")).Expect(1);

        Assert.DoesNotContain("sk-test-wrong", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("Logged in", kept.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Customer.Key, kept.Out + kept.Error, StringComparison.Ordinal);
        Assert.True(long.Parse(used.Line) > 0);
        Assert.Contains("There is no API key for http://127.0.0.1:1/", elsewhere.Error, StringComparison.Ordinal);
        Assert.Contains("zoetrope login --profile work", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VicSees_variables_work_too()
    {
        using var shell = server.Shell(loggedIn: false);
        shell.Environment["ZOETROPE_BASE_URL"] = null;
        shell.Environment["VICSEE_BASE_URL"] = new Uri(server.Zoetrope.Api.Address, "/api/v1").AbsoluteUri;
        shell.Environment["VICSEE_API_KEY"] = server.Customer.Key;

        (await shell.RunAsync("credits")).Expect(0);
    }

    [Fact]
    public async Task A_server_that_is_down_and_one_that_is_no_Zoetrope_end_with_4()
    {
        var down = (await _shell.RunAsync("generate", Model, "A fox", "--base-url", "http://127.0.0.1:1", "--json")).Expect(4);
        var other = (await _shell.RunAsync("credits", "--base-url", new Uri(server.Zoetrope.Api.Address, "/docs").AbsoluteUri)).ExitCode;

        Assert.Equal("CONNECTION", down.JsonError.GetProperty("code").GetString());
        Assert.Equal(32, down.JsonError.GetProperty("idempotencyKey").GetString()!.Length);
        Assert.Contains(other, new[] { 2, 4 });
    }

    [Fact]
    public async Task A_wrong_command_line_ends_with_1_and_help_with_0()
    {
        var unknown = (await _shell.RunAsync("generate", Model, "A fox", "--no-such-thing")).Expect(1);
        var missing = (await _shell.RunAsync("tasks", "get")).Expect(1);
        var pair = (await _shell.RunAsync("generate", Model, "A fox", "--set", "seed")).Expect(1);
        var help = (await _shell.RunAsync("--help")).Expect(0);
        var bare = (await _shell.RunAsync()).Expect(0);

        Assert.Contains("zoetrope generate --help", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("zoetrope tasks get --help", missing.Error, StringComparison.Ordinal);
        Assert.Contains("key=value", pair.Error, StringComparison.Ordinal);
        Assert.Equal(help.Out, bare.Out);
        foreach (var command in new[] { "generate", "image", "video", "upscale", "models", "tasks", "cancel", "batches", "credits", "webhooks", "keys", "mcp", "login", "logout", "completion" })
        {
            Assert.Matches($@"(?m)^  {command}\b", help.Out);
        }
    }

    [Fact]
    public async Task A_batch_is_made_from_a_file_and_its_files_are_saved()
    {
        await File.WriteAllLinesAsync(_shell.File("jobs.jsonl"), [Job("A red fox"), "", Job("A blue cat"), Job("A fox [[fail]]")]);
        var made = (await _shell.RunAsync("batches", "create", "jobs.jsonl", "--wait", "-o", "out", "--json")).Expect(3).Json;
        var id = made.GetProperty("id").GetString()!;
        var listed = (await _shell.RunAsync("batches", "list")).Expect(0);
        var read = (await _shell.RunAsync("batches", "get", id)).Expect(0);
        await File.WriteAllLinesAsync(_shell.File("bad.jsonl"), [Job("A red fox"), """{"model":"nano-banana","promt":"typo"}"""]);
        var misspelt = (await _shell.RunAsync("batches", "create", "bad.jsonl")).Expect(1);
        var stopped = (await _shell.ScriptAsync($"echo '{Job("A fox [[never-finishes]]")}' | zoetrope batches create - | xargs -I ID dotnet {CliShell.Tool} batches cancel ID --json")).Expect(0);

        Assert.Equal((2, 1), (made.GetProperty("counts").GetProperty("completed").GetInt32(), made.GetProperty("counts").GetProperty("failed").GetInt32()));
        Assert.Equal(2, Directory.GetFiles(_shell.File("out")).Length);
        Assert.Contains(id, listed.Out, StringComparison.Ordinal);
        Assert.Contains("failed", read.Out, StringComparison.Ordinal);
        Assert.Contains("line 2", misspelt.Error, StringComparison.Ordinal);
        Assert.StartsWith("batch_", stopped.Json.GetProperty("id").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Every_shell_gets_a_script(string shell)
    {
        var run = (await _shell.RunAsync("completion", shell)).Expect(0);

        Assert.Contains("[suggest:", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bash_completes_commands_options_and_models()
    {
        var run = (await _shell.ScriptAsync(
            """
            eval "$(zoetrope completion bash)"
            try() { COMP_LINE="$1"; COMP_POINT=${#1}; COMP_WORDS=($1); [[ "$1" == *" " ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _zoetrope; echo "${COMPREPLY[*]}"; }
            try "zoetrope mod"; try "zoetrope generate seedance-2-0-t"; try "zoetrope tasks --sta"; try "zoetrope tasks --status comp"
            """)).Expect(0);

        Assert.Equal(["models", "seedance-2-0-text-to-video", "--status", "completed"], run.Out.TrimEnd('\n').Split('\n').Select(line => line.Trim()));
    }

    private static string Job(string prompt) => JsonSerializer.Serialize(new { model = Model, prompt });
}
