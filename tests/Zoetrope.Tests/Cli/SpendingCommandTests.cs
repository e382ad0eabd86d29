using Zoetrope.Client;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Cli;

/// <summary>Tags, usage and budgets from the command line, and through the client that it uses.</summary>
public sealed class SpendingCommandTests(CliServer server) : IClassFixture<CliServer>
{
    private const string Model = "nano-banana-text-to-image";

    private ZoetropeApi Api => server.Zoetrope.Api;

    [Fact]
    public async Task Tags_usage_and_budgets_work_from_the_command_line()
    {
        var customer = await Api.CreateCustomerAsync();
        using var shell = new CliShell(Api.Address, customer.Key);
        using var owner = new CliShell(Api.Address, await Api.CreateKeyAsync(customer.AccountId, "test", new { scopes = new[] { "read", "generate", "budgets" } }));

        var refused = (await shell.RunAsync("budgets", "set", "Red team", "--limit", "10000")).Expect(2);
        var budget = (await owner.RunAsync("budgets", "set", "Red team", "--scope", "tag", "--subject", "team:red", "--limit", "10000", "--json")).Expect(0).Json.GetProperty("id").GetString()!;
        (await shell.RunAsync("generate", Model, "A red fox", "--tag", "team=red", "--user", "alice", "-o", "fox.jpg")).Expect(0);
        (await shell.RunAsync("generate", Model, "A red fox", "--tag", "team")).Expect(1);
        var listed = (await shell.RunAsync("tasks", "--tag", "team:red", "--user", "alice", "--json")).Expect(0);
        using var client = new ZoetropeClient(Api.Address, customer.Key);
        await Until.SeesAsync(
            async () => await client.UsageAsync(new UsageQuery { By = "user" }), report => report.Total.Requests == 1, Until.Patience, "the counted task");
        var usage = (await shell.RunAsync("usage", "--by", "tag:team")).Expect(0);
        var json = (await shell.RunAsync("usage", "--by", "user", "--json")).Expect(0).Json;
        var budgets = (await shell.RunAsync("budgets", "list")).Expect(0);
        var changed = (await owner.RunAsync("budgets", "change", budget, "--raise", "20000", "--until", "2999-01-01T00:00:00Z", "--json")).Expect(0).Json;
        (await owner.RunAsync("budgets", "change", budget, "--raise", "20000")).Expect(1);
        var deleted = (await owner.RunAsync("budgets", "delete", budget)).Expect(0);

        Assert.Contains("budgets", refused.Error, StringComparison.Ordinal);
        Assert.Equal("alice", Assert.Single(listed.Json.EnumerateArray()).GetProperty("user").GetString());
        Assert.Matches(@"red\s+1\s+0", usage.Out);
        Assert.Matches(@"total\s+1\s+0", usage.Out);
        Assert.Equal("alice", json.GetProperty("groups")[0].GetProperty("group").GetProperty("user").GetString());
        Assert.Contains("Red team", budgets.Out, StringComparison.Ordinal);
        Assert.Equal(20_000, changed.GetProperty("raise").GetProperty("limit").GetInt64());
        Assert.Equal($"{budget}  deleted", deleted.Line);
    }
}
