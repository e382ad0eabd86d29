using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>A server on which nothing has happened answers everything that can be read: rows that are not there have no types either.</summary>
public sealed class EmptyServerTests
{
    [Theory]
    [InlineData((int)SqlDialect.Sqlite)]
    [InlineData((int)SqlDialect.Postgres)]
    public async Task Everything_that_can_be_read_is_answered_before_anything_has_happened(int dialect)
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = (SqlDialect)dialect });
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync(credits: 0, keyLimits: new { scopes = new[] { "generate", "read", "keys", "members", "budgets", "audit" } });
        var reads = AccessRules.List(zoetrope.Services.GetRequiredService<EndpointDataSource>())
            .Where(static route => route.Route.StartsWith("GET ", StringComparison.Ordinal) && route.Rule is AccessRule.Operator or AccessRule.Key)
            .Where(static route => route.Route != "GET /api/v1/events").Select(static route => (Path: route.Route[4..], IsOperators: route.Rule is AccessRule.Operator)).Distinct().ToList();

        Assert.True(reads.Count > 40, $"Only {reads.Count} endpoints.");
        foreach (var (path, isOperators) in reads)
        {
            var address = Regex.Replace(path.Replace("{accountId}", customer.AccountId, StringComparison.Ordinal).Replace("{provider}", "sandbox", StringComparison.Ordinal), @"\{[^}]*\}", "nothing");
            var reply = await api.SendAsync(HttpMethod.Get, address, isOperators ? TestZoetrope.OperatorKey : customer.Key);
            Assert.True(reply.Status < 500, $"GET {address}: {reply.Status} {reply.Text}");
            Assert.True(path.Contains('{', StringComparison.Ordinal) || reply.Status is 200 or 400, $"GET {address}: {reply.Status} {reply.Text}");
        }
    }
}
