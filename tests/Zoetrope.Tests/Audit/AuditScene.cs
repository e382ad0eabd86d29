using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Audit;

/// <summary>A server and its audit log, as its rows and as its doors show it.</summary>
internal sealed class AuditScene(TestZoetrope zoetrope)
{
    public ZoetropeApi Api => zoetrope.Api;

    private Database Database => zoetrope.Services.GetRequiredService<Database>();

    public static async Task<AuditScene> StartAsync(SqlDialect dialect) => new(await TestZoetrope.StartAsync(new TestServer
    {
        Database = dialect,
        Settings = new Dictionary<string, string?> { ["OAuth:RegistrationsPerMinute"] = "1000", ["Providers:bfl:ApiKey"] = "only-for-the-tests-of-pauses" },
    }));

    public TestZoetrope Zoetrope => zoetrope;

    public Task<List<AuditRow>> RowsAsync() => Database.ReadAsync(async session =>
        await session.QueryAsync<AuditRow>($"select {AuditRow.Columns} from audit_log order by id")).AsTask();

    /// <summary>What was appended while this was done.</summary>
    public async Task<(Reply Reply, List<AuditRow> Rows)> WatchAsync(Func<Task<Reply>> act)
    {
        var before = (await RowsAsync()).Select(row => row.Id).ToHashSet();
        var reply = await act();
        return (reply, [.. (await RowsAsync()).Where(row => !before.Contains(row.Id))]);
    }

    public Task ExecuteAsync(string sql, object? arguments = null) => Database.InTransactionAsync(tx => tx.ExecuteAsync(sql, arguments));

    /// <summary>What the law about the log says now.</summary>
    public async Task<IReadOnlyList<string>> BrokenAsync() =>
    [
        .. (await Api.OperateAsync(HttpMethod.Get, "/admin/v1/ledger/audit")).Expect(200).Data.GetProperty("laws").EnumerateArray()
            .Single(law => law.GetProperty("law").GetString() == "L14").GetProperty("violations").EnumerateArray()
            .Select(violation => $"{violation.GetProperty("subject").GetString()}: {violation.GetProperty("detail").GetString()}"),
    ];

    public async Task<Customer> AuditorAsync(string accountId) =>
        new(accountId, await Api.CreateKeyAsync(accountId, limits: new { scopes = new[] { "generate", "read", "audit" } }));

    public async Task<List<JsonElement>> ReadAsync(Customer customer, string query = "") =>
        [.. (await Api.GetAsync(customer, $"/api/v1/audit{query}")).Expect(200).Data.GetProperty("entries").EnumerateArray()];
}
