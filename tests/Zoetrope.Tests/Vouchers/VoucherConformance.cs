using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Storage;
using Zoetrope.Server.Vouchers;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Vouchers;

/// <summary>Vouchers: a code becomes credits once, whoever tries, and nobody learns from a refusal which codes there are.</summary>
public abstract class VoucherConformance
{
    private protected abstract SqlDialect Dialect { get; }

    private protected virtual int Nodes => 1;

    [Fact]
    public async Task A_code_becomes_credits_once_and_everything_else_is_refused_alike()
    {
        var clock = new MovedClock();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = clock });
        var api = zoetrope.Api;
        var (one, other) = (await api.CreateCustomerAsync(credits: 0), await api.CreateCustomerAsync(credits: 0));
        var (batch, codes) = await MakeAsync(api, new { count = 3, mode = "live", credits = 500, note = "for the fair", expiresAt = clock.GetUtcNow().AddDays(1).ToString("O") });

        var redeemed = (await RedeemAsync(api, one, codes[0].Code.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal))).Expect(200).Data;
        Assert.Equal((500, "live", false, 500), (redeemed.GetProperty("credits").GetInt64(), redeemed.GetProperty("mode").GetString(), redeemed.GetProperty("replayed").GetBoolean(), redeemed.GetProperty("creditsAvailable").GetInt64()));
        var again = (await RedeemAsync(api, one, codes[0].Code)).Expect(200).Data;
        Assert.Equal((true, redeemed.GetProperty("transferId").GetString()), (again.GetProperty("replayed").GetBoolean(), again.GetProperty("transferId").GetString()));
        var ledger = (await api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{one.AccountId}/ledger?mode=live")).Expect(200).Data.GetProperty("entries");
        Assert.Equal(500, Assert.Single(ledger.EnumerateArray()).GetProperty("amount").GetInt64());

        (await api.OperateAsync(HttpMethod.Delete, $"/admin/v1/vouchers/{codes[1].Id}")).Expect(200);
        Assert.Equal((409, "INVALID_OPERATION"), Short(await api.OperateAsync(HttpMethod.Delete, $"/admin/v1/vouchers/{codes[1].Id}")));
        Assert.Equal((409, "INVALID_OPERATION"), Short(await api.OperateAsync(HttpMethod.Delete, $"/admin/v1/vouchers/{codes[0].Id}")));
        Assert.Equal((404, "VOUCHER_NOT_FOUND"), Short(await api.OperateAsync(HttpMethod.Delete, "/admin/v1/vouchers/vbat_nothing")));
        Assert.Equal((404, "VOUCHER_NOT_FOUND"), Short(await api.OperateAsync(HttpMethod.Get, "/admin/v1/vouchers/vbat_nothing")));
        clock.Advance(TimeSpan.FromDays(2));
        var refusals = new List<string>();
        foreach (var code in new[] { codes[0].Code, codes[1].Code, codes[2].Code, VoucherCode.Text(VoucherCode.New()) })
        {
            var refused = await RedeemAsync(api, other, code);
            Assert.Equal((404, "VOUCHER_NOT_VALID"), Short(refused));
            Assert.DoesNotContain(code, refused.Text, StringComparison.Ordinal);
            refusals.Add(refused.Json.GetProperty("error").ToString());
        }

        Assert.Single(refusals.Distinct());
        Assert.Equal(0, await api.CreditsAsync(other));
        var record = (await api.OperateAsync(HttpMethod.Get, $"/admin/v1/vouchers/{batch}")).Expect(200);
        Assert.Equal(["redeemed", "revoked", "expired"], record.Data.GetProperty("vouchers").EnumerateArray().OrderBy(voucher => codes.FindIndex(code => code.Id == voucher.GetProperty("id").GetString())).Select(voucher => voucher.GetProperty("state").GetString()));
        Assert.All(codes, code => Assert.DoesNotContain(code.Code[4..], record.Text, StringComparison.Ordinal));
        var listed = (await api.OperateAsync(HttpMethod.Get, "/admin/v1/vouchers")).Expect(200).Data.GetProperty("batches")[0];
        Assert.Equal((3, 1, 1, "for the fair"), (listed.GetProperty("made").GetInt32(), listed.GetProperty("redeemed").GetInt32(), listed.GetProperty("revoked").GetInt32(), listed.GetProperty("note").GetString()));
    }

    [Fact]
    public async Task Who_may_redeem_and_how_often_one_may_try()
    {
        var clock = new MovedClock();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = clock });
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync(credits: 0);
        var (_, codes) = await MakeAsync(api, new { count = 2, mode = "test", credits = 5 });
        var maker = await api.CreateKeyAsync(customer.AccountId, limits: new { scopes = new[] { "generate" } });
        Assert.Equal((403, "FORBIDDEN"), Short(await RedeemAsync(api, customer with { Key = maker }, codes[0].Code)));
        foreach (var typo in new[] { codes[0].Code[..^1], codes[0].Code + "0", codes[0].Code[1..] + "0", "", "ЖЖЖ", "UUUUUUU-UUUUUUU-UUUUUUU" })
        {
            Assert.Equal((400, "INVALID_PARAMETER"), Short(await RedeemAsync(api, customer, typo)));
        }

        foreach (var wrong in new object[] { new { count = 1001, mode = "test", credits = 1 }, new { count = 1, mode = "test", credits = 0 }, new { count = 1, mode = "test", credits = 1, expiresAt = "2020-01-01T00:00:00Z" } })
        {
            Assert.Equal((400, "INVALID_PARAMETER"), Short(await api.OperateAsync(HttpMethod.Post, "/admin/v1/vouchers", wrong)));
        }

        Assert.Equal((400, "INVALID_PARAMETER"), Short(await api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/grants", new { mode = "test", amount = 1, reference = $"voucher {codes[0].Id}" })));

        // Ten that are not good, and then not even a good one, until the quarter of an hour is over; another account goes on.
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(404, (await RedeemAsync(api, customer, VoucherCode.New())).Status);
        }

        var throttled = await RedeemAsync(api, customer, codes[0].Code);
        Assert.Equal((429, "RATE_LIMITED"), Short(throttled));
        Assert.NotNull(throttled.Headers.RetryAfter);
        (await RedeemAsync(api, await api.CreateCustomerAsync(credits: 0), codes[1].Code)).Expect(200);
        clock.Advance(TimeSpan.FromMinutes(16));
        (await RedeemAsync(api, customer, codes[0].Code)).Expect(200);
        Assert.Equal(5, await api.CreditsAsync(customer));
    }

    [Fact]
    public async Task Sixty_four_at_once_on_all_nodes_book_each_code_once()
    {
        var nodes = new List<TestZoetrope>();
        try
        {
            for (var i = 0; i < Nodes; i++)
            {
                nodes.Add(await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Postgres = nodes.FirstOrDefault()?.Postgres }));
            }

            var api = nodes[0].Api;
            var customers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.CreateCustomerAsync(credits: 0)));
            var (_, codes) = await MakeAsync(api, new { count = 4, mode = "test", credits = 7 });

            var replies = await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
                (Code: i % 4, Reply: await RedeemAsync(nodes[i % Nodes].Api, customers[i / 8], codes[i % 4].Code))));

            // Of one account's two tries the second may be the same again; nobody else gets anything.
            var booked = replies.Where(one => one.Reply.Status == 200 && !one.Reply.Data.GetProperty("replayed").GetBoolean()).ToList();
            Assert.Equal([0, 1, 2, 3], booked.Select(one => one.Code).Order());
            Assert.All(replies.Where(one => one.Reply.Status != 200), one => Assert.Contains(one.Reply.Code, new[] { "VOUCHER_NOT_VALID", "RATE_LIMITED" }));
            Assert.Equal(28, (await Task.WhenAll(customers.Select(customer => api.CreditsAsync(customer)))).Sum());
            await api.AssertLedgerIsCleanAsync();

            // The law sees a voucher that was redeemed without its credits.
            var database = nodes[0].Services.GetRequiredService<Database>();
            var transfer = await database.ReadAsync(async session => await session.ScalarAsync<string>("select transfer_id from vouchers order by id limit 1"));
            await database.InTransactionAsync(tx => tx.ExecuteAsync("update vouchers set transfer_id = 'txn_none' where transfer_id = @transfer", new { transfer }));
            var laws = (await api.OperateAsync(HttpMethod.Get, "/admin/v1/ledger/audit")).Expect(200).Data.GetProperty("laws").EnumerateArray();
            Assert.Equal(2, laws.Single(law => law.GetProperty("law").GetString() == "L15").GetProperty("violations").GetArrayLength());
            await database.InTransactionAsync(tx => tx.ExecuteAsync("update vouchers set transfer_id = @transfer where transfer_id = 'txn_none'", new { transfer }));
        }
        finally
        {
            for (var i = nodes.Count - 1; i >= 0; i--)
            {
                await nodes[i].DisposeAsync();
            }
        }
    }

    private static async Task<(string Batch, List<(string Id, string Code)> Codes)> MakeAsync(ZoetropeApi api, object wanted)
    {
        var made = (await api.OperateAsync(HttpMethod.Post, "/admin/v1/vouchers", wanted)).Expect(200);
        Assert.Equal("no-store", made.Headers.CacheControl?.ToString());
        return (
            made.Data.GetProperty("batch").GetProperty("id").GetString()!,
            [.. made.Data.GetProperty("codes").EnumerateArray().Select(code => (code.GetProperty("id").GetString()!, code.GetProperty("code").GetString()!))]);
    }

    private static Task<Reply> RedeemAsync(ZoetropeApi api, Customer customer, string code) =>
        api.SendAsync(HttpMethod.Post, "/api/v1/vouchers/redeem", customer.Key, JsonSerializer.Serialize(new { code }));

    private static (int, string?) Short(Reply reply) => (reply.Status, reply.Code);
}

public sealed class SqliteVoucherTests : VoucherConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresVoucherTests : VoucherConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;

    private protected override int Nodes => 3;
}
