using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Operator;

/// <summary>What an operator sees of accounts and people, and that somebody always runs the server.</summary>
public abstract class PeopleOperationsConformance
{
    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task Accounts_and_people_are_found_by_name_mail_and_id_page_by_page()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect });
        var owner = await TestBrowser.OperatorAsync(zoetrope);
        var guest = await owner.InviteAsync("member", "grace.hopper@example.com");
        var other = await zoetrope.Api.CreateCustomerAsync();

        Assert.Equal([owner.AccountId], await AccountsAsync("?q=HOPPER@"));
        Assert.Equal([owner.AccountId], await AccountsAsync("?q=the%20STUD"));
        Assert.Equal([other.AccountId], await AccountsAsync($"?q={other.AccountId}"));
        Assert.Empty(await AccountsAsync("?q=%25"));
        Assert.Equal([owner.AccountId], await AccountsAsync("?name=studio&q=ada"));
        Assert.Equal([guest.PersonId], await PeopleAsync("?q=Hopper"));
        Assert.Equal([owner.PersonId], await PeopleAsync("?operators=true"));
        Assert.Equal([guest.PersonId], await PeopleAsync($"?q={guest.PersonId}"));
        var first = (await zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/people?limit=1")).Expect(200).Data;
        Assert.Equal([guest.PersonId], await PeopleAsync($"?limit=1&cursor={first.GetProperty("nextCursor").GetString()}"));
        foreach (var wrong in new[] { "people?q=%00", "accounts?q=%00", "people?operators=1", $"people?q={new string('a', 256)}" })
        {
            Assert.Equal((400, "INVALID_PARAMETER"), Short(await zoetrope.Api.OperateAsync(HttpMethod.Get, $"/admin/v1/{wrong}")));
        }

        var record = (await owner.GetAsync($"/admin/v1/people/{guest.PersonId}")).Expect(200).Data;
        Assert.Equal(("member", 1, 1), (record.GetProperty("memberships")[0].GetProperty("role").GetString(), record.GetProperty("sessions").GetArrayLength(), record.GetProperty("person").GetProperty("sessions").GetInt32()));
        Assert.DoesNotContain("hash", record.ToString(), StringComparison.OrdinalIgnoreCase);

        var account = (await zoetrope.Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{owner.AccountId}/overview")).Expect(200).Data;
        Assert.Equal(2, account.GetProperty("members").GetArrayLength());
        Assert.Equal((404, "ACCOUNT_NOT_FOUND"), Short(await zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/accounts/acct_x/overview")));

        async Task<List<string>> AccountsAsync(string query) => await IdsAsync("accounts", query);

        async Task<List<string>> PeopleAsync(string query) => await IdsAsync("people", query);

        async Task<List<string>> IdsAsync(string list, string query) =>
            [.. (await zoetrope.Api.OperateAsync(HttpMethod.Get, $"/admin/v1/{list}{query}")).Expect(200).Data.GetProperty(list).EnumerateArray().Select(one => one.GetProperty("id").GetString()!)];
    }

    [Fact]
    public async Task An_account_on_one_page_has_its_money_its_keys_and_what_runs()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect });
        var customer = await zoetrope.Api.CreateCustomerAsync(credits: 1_000);
        var done = await StartAsync("a fox");
        var price = (await zoetrope.Api.WaitAsync(customer, done)).GetProperty("creditsUsed").GetInt64();
        await StartAsync("[[never-finishes]]");

        var page = await Until.SeesAsync(
            async () => (await zoetrope.Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{customer.AccountId}/overview")).Expect(200).Data,
            data => data.GetProperty("tasks")[0].GetProperty("spentThisMonth").GetInt64() == price);
        Assert.Equal(("test", 1), (page.GetProperty("tasks")[0].GetProperty("mode").GetString(), page.GetProperty("tasks")[0].GetProperty("unfinished").GetInt32()));
        Assert.Equal(1_000 - price, page.GetProperty("balances")[0].GetProperty("posted").GetInt64());
        Assert.Single(page.GetProperty("keys").EnumerateArray());
        Assert.DoesNotContain(customer.Key, page.ToString(), StringComparison.Ordinal);
        Assert.Equal(("enterprise", 0), (page.GetProperty("account").GetProperty("plan").GetString(), page.GetProperty("openCases").GetInt32()));

        async Task<string> StartAsync(string prompt) =>
            (await zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", input = new { prompt } })).Expect(200).Data.GetProperty("id").GetString()!;
    }

    [Fact]
    public async Task There_is_always_an_operator_and_a_change_ends_the_sessions_at_once()
    {
        var clock = new MovedClock();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = clock });
        var owner = await TestBrowser.OperatorAsync(zoetrope);
        var guest = await owner.InviteAsync("member", "grace@example.com");

        Assert.Equal((403, "FORBIDDEN"), Short(await guest.GetAsync("/admin/v1/people")));
        Assert.Equal((403, "FORBIDDEN"), Short(await guest.SendAsync(HttpMethod.Patch, $"/admin/v1/people/{guest.PersonId}", new { isOperator = true })));
        Assert.Equal((409, "INVALID_OPERATION"), Short(await ChangeAsync(owner, owner.PersonId, false)));
        Assert.Equal((404, "PERSON_NOT_FOUND"), Short(await ChangeAsync(owner, "person_nobody", true)));
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal((403, "PROOF_NEEDED"), Short(await ChangeAsync(owner, guest.PersonId, true)));
        (await owner.SignInAsync()).Expect(200);

        (await ChangeAsync(owner, guest.PersonId, true)).Expect(200);
        Assert.Equal((401, "SIGNED_OUT"), Short(await guest.GetAsync("/api/v1/credits")));
        (await guest.SignInAsync()).Expect(200);
        (await guest.GetAsync("/admin/v1/people")).Expect(200);

        // Two who take the right from each other: one of them keeps it.
        (await owner.SignInAsync()).Expect(200);
        var both = await Task.WhenAll(ChangeAsync(owner, guest.PersonId, false), ChangeAsync(guest, owner.PersonId, false));
        Assert.Contains(both, reply => reply.Status == 200);
        Assert.Contains(both, reply => reply.Status is 401 or 403 or 409);
        var left = (await zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/people?operators=true")).Expect(200).Data.GetProperty("people");
        Assert.Equal(1, left.GetArrayLength());

        (await owner.SignInAsync()).Expect(200);
        var ended = (await zoetrope.Api.OperateAsync(HttpMethod.Delete, $"/admin/v1/people/{owner.PersonId}/sessions")).Expect(200).Data;
        Assert.True(ended.GetProperty("ended").GetInt32() >= 1, ended.ToString());
        Assert.Equal((401, "SIGNED_OUT"), Short(await owner.GetAsync("/api/v1/credits")));
        Assert.Equal((404, "PERSON_NOT_FOUND"), Short(await zoetrope.Api.OperateAsync(HttpMethod.Delete, "/admin/v1/people/person_nobody/sessions")));

        static Task<Reply> ChangeAsync(TestBrowser by, string person, bool isOperator) =>
            by.SendAsync(HttpMethod.Patch, $"/admin/v1/people/{person}", new { isOperator });
    }

    private static (int, string?) Short(Reply reply) => (reply.Status, reply.Code);
}

public sealed class SqlitePeopleOperationsTests : PeopleOperationsConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresPeopleOperationsTests : PeopleOperationsConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
