using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Tests.Doors;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Client;

/// <summary>What the pages under Operate ask for as the signed-in operator, through the client that they use.</summary>
public sealed class OperatorClientTests(DoorServer server) : IClassFixture<DoorServer>
{
    private TestZoetrope Zoetrope => server.Zoetrope;

    [Fact]
    public async Task An_operator_sees_how_providers_stand()
    {
        using var handler = new CookieHandler((await OperatorAsync()).Cookie!);
        using var client = Of(handler);

        var sandbox = Assert.Single((await client.ProvidersAsync()).Providers, one => one.Name == "sandbox");
        Assert.True(sandbox.Open);
        Assert.Contains((await client.ProvidersAsync(all: true)).Providers, one => one.EnabledBy is not null);
        Assert.Equal("sandbox", (await client.ProviderHistoryAsync("sandbox", 5)).Provider);
        Assert.Equal("sandbox", (await client.ProviderErrorsAsync("sandbox")).Provider);
        // Test keys always work: this one provider stays in service.
        Assert.Equal("INVALID_OPERATION", (await RefusedAsync(() => client.PauseProviderAsync("sandbox", "a test"))).Code);
        Assert.Equal("INVALID_OPERATION", (await RefusedAsync(() => client.ResumeProviderAsync("sandbox"))).Code);
        Assert.Equal("sandbox", (await client.TestProviderAsync("sandbox")).Provider);
        var now = TimeProvider.System.GetUtcNow();
        Assert.Equal("provider", (await client.MarginAsync(now.AddDays(-1), now, "provider")).GroupBy);
    }

    [Fact]
    public async Task An_operator_decides_what_is_in_suspense()
    {
        using var handler = new CookieHandler((await OperatorAsync()).Cookie!);
        using var client = Of(handler);
        var customer = await Zoetrope.Api.CreateCustomerAsync();
        using var theirs = new ZoetropeClient(Zoetrope.Api.Address, customer.Key);
        var task = await theirs.GenerateAsync(new GenerateRequest { Model = "nano-banana-text-to-image", Prompt = "[[unknown-outcome]] A fox" });
        var suspended = await Until.SeesAsync(
            async () => (await client.SuspenseAsync()).Suspense.SingleOrDefault(one => one.TaskId == task.Id), one => one is not null, Until.Patience, "the task in suspense");

        Assert.Equal((true, "seen in the invoice"), Of(await client.ResolveSuspenseAsync(suspended!.TaskId, true, "seen in the invoice")));
        Assert.DoesNotContain((await client.SuspenseAsync()).Suspense, one => one.TaskId == task.Id);
        Assert.Null((await client.CasesAsync(all: true)).NextCursor);
        Assert.Equal("CASE_NOT_FOUND", (await RefusedAsync(() => client.CloseCaseAsync("case_01m8p24y0q0005frs7m5pmv6fz", "nothing", null))).Code);

        Assert.Equal(task.Id, Assert.Single((await client.TasksAsync(new AdminTaskFilter { AccountId = customer.AccountId, Status = "failed", Mode = "test" })).Tasks).Id);
        Assert.NotEmpty((await client.TaskAsync(task.Id)).Timeline!);
        Assert.Contains("A fox", (await client.RevealTaskAsync(task.Id, "the customer asked")).Prompt, StringComparison.Ordinal);
        Assert.Equal("prompt.revealed", (await client.AuditAsync(customer.AccountId, "prompt.")).Entries[0].Action);
    }

    [Fact]
    public async Task An_operator_looks_after_accounts_and_makes_vouchers()
    {
        using var handler = new CookieHandler((await OperatorAsync()).Cookie!);
        using var client = Of(handler);
        var customer = await Zoetrope.Api.CreateCustomerAsync();

        Assert.Contains((await client.SearchAccountsAsync(customer.AccountId)).Accounts, one => one.Id == customer.AccountId);
        Assert.Equal(customer.AccountId, (await client.AccountAsync(customer.AccountId)).Account.Id);
        Assert.Equal("starter", (await client.ChangePlanAsync(customer.AccountId, "starter")).Plan);
        var booked = await client.GrantCreditsAsync(customer.AccountId, "live", 70, "for the fair", "fair-1");
        Assert.True((await client.GrantCreditsAsync(customer.AccountId, "live", 70, "for the fair", "fair-1")).Replayed);
        Assert.Equal(70, booked.Balance.Available);

        var made = await client.MakeVouchersAsync(2, "live", 500, "for the fair", TimeProvider.System.GetUtcNow().AddYears(1));
        Assert.Equal(2, made.Codes.Count);
        Assert.Equal(made.Batch.Id, (await client.VouchersAsync()).Batches[0].Id);
        Assert.Equal(2, (await client.RevokeVouchersAsync(made.Batch.Id)).Revoked);
        Assert.All((await client.VoucherBatchAsync(made.Batch.Id)).Vouchers, voucher => Assert.Equal("revoked", voucher.State));
    }

    [Theory]
    [InlineData("owner", "FORBIDDEN")]
    [InlineData("viewer", "FORBIDDEN")]
    public async Task The_session_of_anybody_else_opens_nothing_there(string role, string code)
    {
        var guest = await (await OperatorAsync()).InviteAsync(role, $"{Guid.NewGuid():N}@example.com");
        using var handler = new CookieHandler(guest.Cookie!);
        using var client = Of(handler);

        Assert.Equal(code, (await RefusedAsync(() => client.ProvidersAsync())).Code);
        Assert.Equal(code, (await RefusedAsync(() => client.PauseProviderAsync("sandbox", "mischief"))).Code);
        Assert.Equal(code, (await RefusedAsync(() => client.GrantCreditsAsync(guest.AccountId, "live", 1, "mine", "mine"))).Code);
        Assert.Equal(code, (await RefusedAsync(() => client.AuditAsync())).Code);
    }

    private Task<TestBrowser> OperatorAsync() => TestBrowser.OperatorAsync(Zoetrope, $"{Guid.NewGuid():N}@example.com");

    private ZoetropeAdminClient Of(CookieHandler handler) => ZoetropeAdminClient.OfSession(Zoetrope.Api.Address, new ZoetropeClientOptions { Handler = handler });

    private static (bool Charged, string Reason) Of(Contracts.Admin.AdminResolvedSuspense resolved) => (resolved.Charged, resolved.Reason);

    private static Task<ZoetropeRefusedException> RefusedAsync(Func<Task> act) => Assert.ThrowsAsync<ZoetropeRefusedException>(act);
}
