using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting.Gauges;

/// <summary>What /metrics says is true, and what the dashboard and the alerts ask for is there.</summary>
public sealed class MetricsTests
{
    private const string RulesFile = "deploy/prometheus-rules.yml";
    private const string DashboardFile = "deploy/grafana-dashboard.json";

    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.Postgres)]
    public async Task Every_metric_of_the_dashboard_and_the_alerts_is_in_a_live_answer_and_right(object dialect)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var postgres = (SqlDialect)dialect is SqlDialect.Postgres ? await PostgresAsync() : null;

        // A process of its own: the servers of this one would count into each other's metrics.
        await using var zoetrope = await ServerProcess.StartAsync(new Dictionary<string, string?>
        {
            ["Zoetrope__Database__ConnectionString"] = postgres,
            ["Zoetrope__Egress__AllowedPrivateHosts"] = "127.0.0.1",
            ["Zoetrope__Providers__sandbox__Concurrency"] = "1",
        });
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync();
        await RunAsync(api, customer, "A fox", receiver.Url());
        await RunAsync(api, customer, "[[unknown-outcome]] a fox", null);
        var running = await StartAsync(api, customer, "[[never-finishes]]", null);
        await StartAsync(api, customer, "A fox that waits", null);
        var wanted = NamesIn(await TextAsync(RulesFile)).Concat(NamesIn(await TextAsync(DashboardFile))).Distinct().ToList();

        // What is not there yet: the names, and two gauges that are read every few seconds.
        var metrics = new Dictionary<string, double>();
        await Until.SeesAsync(
            async () =>
            {
                metrics = Read((await api.SendAsync(HttpMethod.Get, "/metrics", key: null)).Expect(200).Text);
                var missing = wanted.Where(name => !metrics.Keys.Any(key => key.StartsWith(name + "{", StringComparison.Ordinal) || key == name));
                var late = new[] { "zoetrope_queue_tasks", "zoetrope_suspense_tasks", "zoetrope_slots_used" }.Where(name => Value(metrics, name, "mode=\"test\"") != 1);
                return string.Join(' ', missing.Concat(late));
            },
            missing => missing.Length == 0);

        Assert.True(wanted.Count > 15, string.Join(' ', wanted));
        Assert.Equal(1, Value(metrics, "zoetrope_slots_used", "provider=\"sandbox\"", "mode=\"test\""));
        Assert.Equal(1, Value(metrics, "zoetrope_slots_limit", "provider=\"sandbox\"", "mode=\"test\""));
        Assert.Equal(0, Value(metrics, "zoetrope_suspense_tasks", "mode=\"live\""));
        Assert.Equal(0, Value(metrics, "zoetrope_circuit_open", "provider=\"sandbox\""));
        Assert.True(Value(metrics, "zoetrope_suspense_credits", "mode=\"test\"") > 0);
        Assert.True(Value(metrics, "zoetrope_disk_size_bytes") > Value(metrics, "zoetrope_disk_free_bytes"));
        Assert.True(Value(metrics, "zoetrope_database_size_bytes") > 100_000);
        Assert.Equal(4, Value(metrics, "zoetrope_generations_submitted_total", "mode=\"test\""));
        Assert.DoesNotContain(metrics.Keys, key => key.Contains(customer.AccountId, StringComparison.Ordinal) || key.Contains(running, StringComparison.Ordinal));
        await zoetrope.KillAsync();
        if (postgres is not null)
        {
            await TestPostgres.DropAsync(postgres);
        }
    }

    [Fact]
    public async Task Every_metric_of_ours_is_documented()
    {
        var operations = await TextAsync("docs/04-operations.md");
        var instruments = SourceTree.Server.SelectMany(file => Regex.Matches(file.Text, "\"(zoetrope\\.[a-z]+\\.[a-z_]+)\"").Select(match => match.Groups[1].Value))
            .Where(name => !name.EndsWith(".json", StringComparison.Ordinal)).Distinct().ToList();

        Assert.True(instruments.Count > 15);
        Assert.All(instruments, name => Assert.Contains(name.Replace('.', '_'), operations, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Promtool_accepts_the_alerts_and_every_query_of_the_dashboard()
    {
        var promtool = new[] { "/usr/bin/promtool", Path.Combine(SourceTree.Root, "artifacts/tools/usr/bin/promtool") }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(promtool is null, "promtool is not installed.");
        using var directory = new TemporaryDirectory();
        using var dashboard = JsonDocument.Parse(await TextAsync(DashboardFile));
        var queries = Queries(dashboard.RootElement).Select(query => query.Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$mode", "live|test", StringComparison.Ordinal)).ToList();
        var rules = Path.Combine(directory.Path, "dashboard.yml");
        await File.WriteAllTextAsync(rules, "groups:\n- name: dashboard\n  rules:\n" + string.Concat(queries.Select((query, index) => $"  - record: dashboard:query:{index}\n    expr: {JsonSerializer.Serialize(query)}\n")));

        Assert.True(queries.Count > 15);
        await AcceptsAsync(promtool!, Path.Combine(SourceTree.Root, RulesFile));
        await AcceptsAsync(promtool!, rules);
    }

    [Fact]
    public async Task Every_alert_says_what_to_do()
    {
        var alerts = (await TextAsync(RulesFile)).Split("- alert: ").Skip(1).ToList();

        Assert.True(alerts.Count > 10);
        Assert.All(alerts, alert => Assert.Matches("(?s)summary: \".{20,}?\"\\s+runbook: \".{40,}?\"", alert));
        Assert.All(alerts, alert => Assert.Matches("severity: (page|ticket)", alert));
    }

    /// <summary>What every node reads from the one database is not added up.</summary>
    [Fact]
    public async Task What_all_nodes_say_alike_is_taken_once()
    {
        var shared = Regex.Matches(await TextAsync("docs/04-operations.md"), @"^\| ((?:`zoetrope_\w+`(?:, )?)+) \|[^|]*\| \*all nodes:\*", RegexOptions.Multiline)
            .SelectMany(line => Regex.Matches(line.Groups[1].Value, "zoetrope_\\w+").Select(name => name.Value)).ToList();
        using var dashboard = JsonDocument.Parse(await TextAsync(DashboardFile));
        var queries = Queries(dashboard.RootElement).Concat(Regex.Matches(await TextAsync(RulesFile), @"expr: (?:\|\n((?: {10}.*\n)+)|(.+))").Select(expr => expr.Groups[1].Value + expr.Groups[2].Value)).ToList();

        Assert.True(shared.Count > 10 && queries.Count > 35, $"{shared.Count} gauges, {queries.Count} queries");
        Assert.All(
            from query in queries from gauge in shared from Match use in Regex.Matches(query, gauge + "\\w*") select (query, use.Index),
            use => Assert.Matches(@"(max (by \([a-z, ]+\) )?\((increase\()?|max\((increase\()?|absent\(|unless on \(instance\) )$", use.query[..use.Index]));
    }

    private static Task<string> PostgresAsync()
    {
        TestPostgres.SkipIfAbsent();
        return TestPostgres.CreateAsync(migrated: true);
    }

    private static async Task AcceptsAsync(string promtool, string file)
    {
        using var process = Process.Start(new ProcessStartInfo(promtool, ["check", "rules", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output);
    }

    private static IEnumerable<string> Queries(JsonElement dashboard) =>
        from panel in dashboard.GetProperty("panels").EnumerateArray()
        from target in panel.GetProperty("targets").EnumerateArray()
        select target.GetProperty("expr").GetString()!;

    private static IEnumerable<string> NamesIn(string text) => Regex.Matches(text, @"\b(?:zoetrope|http_server|dotnet)_[a-z0-9_]+").Select(match => match.Value)
        .Where(name => name.Contains("http_response", StringComparison.Ordinal) is false && name != "dotnet_gc_heap_generation");

    // By name and labels, as the exposition writes them.
    private static Dictionary<string, double> Read(string text)
    {
        var metrics = new Dictionary<string, double>();
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var end = line.LastIndexOf('}') is var brace and >= 0 ? brace + 1 : line.IndexOf(' ', StringComparison.Ordinal);
            metrics[line[..end]] = double.Parse(line[end..].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        }

        return metrics;
    }

    private static double Value(Dictionary<string, double> metrics, string name, params string[] labels) =>
        metrics.Where(pair => (pair.Key == name || pair.Key.StartsWith(name + "{", StringComparison.Ordinal)) && labels.All(label => pair.Key.Contains(label, StringComparison.Ordinal))).Sum(pair => pair.Value);

    private static Task<string> TextAsync(string file) => File.ReadAllTextAsync(Path.Combine(SourceTree.Root, file));

    private static async Task<string> StartAsync(ZoetropeApi api, Customer customer, string prompt, string? webhookUrl) =>
        (await api.GenerateAsync(customer, new { model = "nano-banana-2-text-to-image", input = new { prompt, resolution = "0.5K" }, webhookUrl })).Expect(200).Data.GetProperty("id").GetString()!;

    private static async Task RunAsync(ZoetropeApi api, Customer customer, string prompt, string? webhookUrl) =>
        await api.WaitAsync(customer, await StartAsync(api, customer, prompt, webhookUrl));
}
