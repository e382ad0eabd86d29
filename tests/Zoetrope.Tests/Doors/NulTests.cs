using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>U+0000, which no text of PostgreSQL holds, in the path and the query of every endpoint there is: the caller's mistake, and said so.</summary>
public sealed class NulTests
{
    [Fact]
    public async Task No_endpoint_fails_over_a_nul_in_its_path_or_query()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = SqlDialect.Postgres });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var routes = AccessRules.List(zoetrope.Services.GetRequiredService<EndpointDataSource>());
        Assert.True(routes.Count > 80, string.Join('\n', routes));
        var wrong = new List<string>();
        foreach (var (route, rule) in routes)
        {
            var (methods, path) = (route.Split(' ')[0], route.Split(' ')[1]);
            var method = methods == "*" ? HttpMethod.Get : new HttpMethod(methods.Split(',')[0]);
            var key = rule is AccessRule.Operator ? TestZoetrope.OperatorKey : customer.Key;
            foreach (var nul in new[] { "%00", "a%00b" })
            {
                if (path.Contains('{', StringComparison.Ordinal))
                {
                    await TryAsync(method, Regex.Replace(path, @"\{[^}]*\}", nul), key);
                }

                await TryAsync(method, $"{Regex.Replace(path, @"\{[^}]*\}", "x")}?id={nul}&model={nul}&cursor={nul}&type={nul}&name={nul}", key);
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        async Task TryAsync(HttpMethod method, string path, string key)
        {
            var reply = await zoetrope.Api.SendAsync(method, path, key);
            if (reply.Status is < 400 or >= 500)
            {
                wrong.Add($"{method} {path}: {reply.Status} {reply.Text}");
            }
        }
    }
}
