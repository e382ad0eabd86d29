using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Tests.Doors;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Client;

/// <summary>What the studio asks for as the signed-in person, through the client that it uses.</summary>
public sealed class SessionClientTests(DoorServer server) : IClassFixture<DoorServer>
{
    private const string Model = "nano-banana-text-to-image";

    private TestZoetrope Zoetrope => server.Zoetrope;

    [Fact]
    public async Task A_person_reads_and_manages_what_belongs_to_the_account()
    {
        var browser = await TestBrowser.OperatorAsync(Zoetrope, $"{Guid.NewGuid():N}@example.com");
        using var handler = new CookieHandler(browser.Cookie!);
        using var client = ZoetropeClient.OfSession(Zoetrope.Api.Address, "test", new ZoetropeClientOptions { Handler = handler });

        Assert.Equal(browser.Email, (await client.SessionAsync()).Person.Email);
        var wrong = await Assert.ThrowsAsync<ZoetropeRefusedException>(() => client.ProveAsync(new SignInRequest { Password = "something else 12" }));
        Assert.Equal("SIGN_IN_FAILED", wrong.Code);
        Assert.Equal(browser.PersonId, (await client.ProveAsync(new SignInRequest { Password = TestBrowser.Password })).Person.Id);

        var invited = await client.InviteAsync(new InvitationRequest { Role = "member", SpendPerDay = 50 });
        Assert.Contains("/invitation#", invited.Url, StringComparison.Ordinal);
        Assert.Contains(await client.InvitationsAsync(), one => one.Id == invited.Id && one.Url is null);
        await client.WithdrawInvitationAsync(invited.Id);
        Assert.DoesNotContain(await client.InvitationsAsync(), one => one.Id == invited.Id);

        var guest = await browser.InviteAsync("member", $"{Guid.NewGuid():N}@example.com");
        Assert.Equal(("viewer", 9), Of(await client.ChangeMemberAsync(guest.PersonId, new MemberRequest { Role = "viewer", SpendPerDay = 9 })));
        Assert.Equal(("viewer", null), Of(await client.ChangeMemberAsync(guest.PersonId, new MemberRequest(), ["spendPerDay"])));
        Assert.Contains(await client.MembersAsync(), one => one.PersonId == guest.PersonId);
        await client.RemoveMemberAsync(guest.PersonId);
        Assert.DoesNotContain(await client.MembersAsync(), one => one.PersonId == guest.PersonId);

        var budget = await client.CreateBudgetAsync(new BudgetRequest { Name = "All", Scope = "account", Period = "month", Limit = 1_000_000 });
        Assert.NotNull((await client.ChangeBudgetAsync(budget.Id, new BudgetPatch { Raise = new BudgetRaise(2_000_000, "2999-01-01T00:00:00Z") })).Raise);
        Assert.Null((await client.EndRaiseAsync(budget.Id)).Raise);
    }

    [Fact]
    public async Task The_ledger_and_usage_come_as_pages_and_as_a_table()
    {
        var customer = await Zoetrope.Api.CreateCustomerAsync();
        using var client = new ZoetropeClient(Zoetrope.Api.Address, customer.Key);
        var task = await client.GenerateAsync(new GenerateRequest { Model = Model, Prompt = "A fox" });
        await client.WaitAsync(task.Id);

        var newest = await client.LedgerAsync(limit: 1);
        Assert.Equal(("settle", task.Id), (newest.Entries.Single().Type, newest.Entries.Single().TaskId));
        Assert.Equal("hold", (await client.LedgerAsync(limit: 1, cursor: newest.NextCursor)).Entries.Single().Type);
        Assert.All((await client.LedgerAsync("grant")).Entries, entry => Assert.Equal("grant", entry.Type));

        var table = await Until.SeesAsync(
            () => client.UsageTableAsync(new UsageQuery { By = "model" }), text => text.Contains(Model, StringComparison.Ordinal), Until.Patience, "the counted task");
        Assert.StartsWith("model,requests,", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_is_changed_paused_tested_and_its_deliveries_are_read()
    {
        var customer = await Zoetrope.Api.CreateCustomerAsync();
        using var client = new ZoetropeClient(Zoetrope.Api.Address, customer.Key);
        var made = await client.CreateWebhookAsync(new WebhookRequest("https://example.com/hook", ["task.completed"], "first"));

        Assert.Equal("paused", (await client.PauseWebhookAsync(made.Id)).State);
        Assert.Equal("second", (await client.ChangeWebhookAsync(made.Id, new WebhookRequest(made.Url, null, "second"))).Description);
        var renewed = await client.RotateWebhookSecretAsync(made.Id);
        Assert.StartsWith("whsec_", renewed.Secret, StringComparison.Ordinal);
        Assert.NotEqual(made.Secret, renewed.Secret);

        Assert.Equal("active", (await client.ResumeWebhookAsync(made.Id)).State);
        var sent = await client.TestWebhookAsync(made.Id);
        Assert.Equal(sent.Id, (await client.DeliveriesAsync(made.Id)).Deliveries.Single().Id);
        Assert.NotNull((await client.DeliveryAsync(made.Id, sent.Id)).History);
        var unknown = await Assert.ThrowsAsync<ZoetropeRefusedException>(() => client.RedeliverAsync(made.Id, "msg_nothing"));
        Assert.Equal("WEBHOOK_NOT_FOUND", unknown.Code);
    }

    private static (string Role, long? Cap) Of(MemberState member) => (member.Role, member.SpendPerDay);
}
