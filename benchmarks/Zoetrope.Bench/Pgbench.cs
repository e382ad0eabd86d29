using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Zoetrope.Bench;

/// <summary>
/// PostgreSQL's own load program, running what one submit runs, one submit in a transaction, over the same accounts: what the
/// database could do if nobody had to speak HTTP, check a key or quote a price.
/// </summary>
internal static partial class Pgbench
{
    /// <summary>Clients of pgbench; each of our nodes commits over about as many lanes.</summary>
    private const int Clients = 24;

    // The texts are as long as those of a real submit. A colon would be a variable of pgbench.
    private static readonly string Script = $"""
        \set n random(1, 20)
        \set id random(1, 9000000000000000000)
        begin;
        select b.account_id, b.mode, b.available, b.held, b.alert_below, b.alerted_below from balances b join bench_accounts a on a.account_id = b.account_id where a.n = :n and b.mode = 0 for update of b;
        insert into key_usage (key_id, in_flight, next_allowed_us) select key_id, 0, 0 from bench_accounts where n = :n on conflict do nothing;
        select key_id, in_flight, next_allowed_us, spent_day, spent from key_usage where key_id = (select key_id from bench_accounts where n = :n) for update;
        insert into generations (account_id, id, mode, key_id, status, version, model, media, prompt, parameters, inputs, output, route, provider, attempts, retries, quoted, cancel_requested, created_at, next_run_at) select account_id, 'task_' || :id, 0, key_id, 'queued', 1, 'flux-2-pro-text-to-image', 'image', 'A red fox runs through snow at sunset', '{new string('p', 66)}', null, '{new string('o', 109)}', 0, 'sandbox', 0, 0, 15, 0, 1796056511288, 1796056511288 from bench_accounts where n = :n;
        insert into ledger_transfers (account_id, id, mode, kind, debit, credit, amount, generation_id, created_at) select account_id, 'txn_' || :id, 0, 'hold', 'available', 'held', 15, 'task_' || :id, 1796056511288 from bench_accounts where n = :n;
        update balances set available = available - 15, held = held + 15 where account_id = (select account_id from bench_accounts where n = :n) and mode = 0;
        update key_usage set in_flight = in_flight + 1, spent = spent + 15 where key_id = (select key_id from bench_accounts where n = :n);
        insert into events (account_id, generation_id, type, created_at, mode, payload) select account_id, 'task_' || :id, 'task.created', 1796056511288, null, null from bench_accounts where n = :n;
        commit;
        """;

    /// <summary>Submits per second; the database must hold twenty accounts that have submitted something.</summary>
    public static async Task<double> SubmitsPerSecondAsync(BenchDatabase database, BenchSettings settings)
    {
        await database.ExecuteAsync("create table bench_accounts as select row_number() over (order by key_id) as n, account_id, key_id from (select distinct account_id, key_id from generations) g");
        await database.ExecuteAsync("create unique index on bench_accounts (n)");
        await database.ExecuteAsync("analyze");
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, Script);
            var rounds = new List<double>();
            for (var round = 0; round < settings.Rounds; round++)
            {
                rounds.Add(await RunAsync(database, script, settings.Seconds));
            }

            return SubmitBench.Median(rounds);
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static async Task<double> RunAsync(BenchDatabase database, string script, int seconds)
    {
        var address = database.Address;
        var start = new ProcessStartInfo(
            Program(), ["-n", "-M", "prepared", "-c", $"{Clients}", "-j", "2", "-T", $"{seconds}", "-f", script, "-h", address.Host!, "-p", $"{address.Port}", "-U", address.Username!, address.Database!])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PGPASSWORD"] = address.Password;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return TransactionsPerSecond().Match(output) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"pgbench failed: {await errors}");
    }

    // Debian keeps it beside the server's programs, outside PATH.
    private static string Program() =>
        Directory.Exists("/usr/lib/postgresql")
            && Directory.EnumerateFiles("/usr/lib/postgresql", "pgbench", SearchOption.AllDirectories).Order(StringComparer.Ordinal).LastOrDefault() is { } found
            ? found : "pgbench";

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex TransactionsPerSecond();
}
