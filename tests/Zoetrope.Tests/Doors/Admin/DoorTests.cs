using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Operator;

namespace Zoetrope.Tests.Doors.Admin;

/// <summary>What every door shares: rules of access, headers, problems and bodies.</summary>
public sealed class DoorTests
{
    [Fact]
    public async Task Every_anonymous_route_is_known_and_a_forgotten_rule_shows()
    {
        await using var host = await DoorHost.StartAsync();

        var rules = AccessRules.List(host.App.Services.GetRequiredService<EndpointDataSource>());

        Assert.Equal(["GET /test/open", "POST /test/json"], rules.Where(item => item.Rule is AccessRule.Anonymous).Select(item => item.Route));
        Assert.Equal(["GET /test/forgotten"], rules.Where(item => item.Rule is null).Select(item => item.Route));
        Assert.All(rules.Where(item => item.Route.Contains("/admin/", StringComparison.Ordinal)), item => Assert.IsType<AccessRule.Operator>(item.Rule));
    }

    [Fact]
    public async Task An_endpoint_without_a_rule_is_refused_and_an_open_one_ignores_keys()
    {
        await using var host = await DoorHost.StartAsync();

        using var forgotten = await host.SendAsync(HttpMethod.Get, "/test/forgotten", DoorHost.AdminKey);
        using var open = await host.SendAsync(HttpMethod.Get, "/test/open", "sk-nonsense");

        Assert.Equal((403, "FORBIDDEN", null), await DoorHost.RefusalAsync(forgotten));
        Assert.Equal("hello", await open.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Addresses_and_methods_that_do_not_exist_are_problems()
    {
        await using var host = await DoorHost.StartAsync();

        using var nowhere = await host.SendAsync(HttpMethod.Get, "/api/v1/nothing");
        using var method = await host.SendAsync(HttpMethod.Delete, "/api/v1/credits");

        Assert.Equal((404, "NOT_FOUND", null), await DoorHost.RefusalAsync(nowhere));
        Assert.Equal((405, "METHOD_NOT_ALLOWED", null), await DoorHost.RefusalAsync(method));
        Assert.Equal(["GET"], method.Content.Headers.Allow);
    }

    [Fact]
    public async Task An_exception_tells_nothing_and_keeps_the_rate_headers()
    {
        await using var host = await DoorHost.StartAsync();
        var key = await KeyAsync(host, "starter", Scopes.All);

        using var response = await host.SendAsync(HttpMethod.Get, "/test/boom", key);

        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((500, "INTERNAL_ERROR", null), await DoorHost.RefusalAsync(response));
        Assert.Equal("100", response.Headers.GetValues("X-RateLimit-Limit").Single());
    }

    [Fact]
    public async Task Plans_and_scopes_decide_and_an_unlimited_plan_has_no_rate_headers()
    {
        await using var host = await DoorHost.StartAsync();

        using var free = await host.SendAsync(HttpMethod.Get, "/api/v1/credits", await KeyAsync(host, "free", Scopes.All));
        using var reader = await host.SendAsync(HttpMethod.Post, "/test/generate", await KeyAsync(host, "pro", Scopes.Read));
        using var unlimited = await host.SendAsync(HttpMethod.Post, "/test/generate", await KeyAsync(host, "enterprise", Scopes.Generate));

        Assert.Equal((403, "FORBIDDEN", null), await DoorHost.RefusalAsync(free));
        Assert.Equal((403, "FORBIDDEN", null), await DoorHost.RefusalAsync(reader));
        Assert.Equal(200, (int)unlimited.StatusCode);
        Assert.False(unlimited.Headers.Contains("X-RateLimit-Limit"));
    }

    [Fact]
    public async Task Too_many_bad_keys_are_answered_with_a_time_to_wait()
    {
        await using var host = await DoorHost.StartAsync();
        for (var i = 0; i < InvalidKeyThrottle.AllowedPerMinute; i++)
        {
            using var early = await host.SendAsync(HttpMethod.Get, "/api/v1/credits", "sk-wrong");
            Assert.Equal(401, (int)early.StatusCode);
        }

        using var late = await host.SendAsync(HttpMethod.Get, "/api/v1/credits", "sk-wrong");

        Assert.Equal((429, "RATE_LIMITED", null), await DoorHost.RefusalAsync(late));
        Assert.Equal(TimeSpan.FromSeconds(60), late.Headers.RetryAfter?.Delta);
    }

    [Theory]
    [InlineData("""{"a":1}""", null, 200, null)]
    [InlineData("""{"a":1}""", "application/json", 200, null)]
    [InlineData("""{"a":"\u00e9\ud83d\ude00"}""", "application/json; charset=utf-8", 200, null)]
    [InlineData("""{"a":1}""", "application/json; charset=latin1", 415, "UNSUPPORTED_MEDIA_TYPE")]
    [InlineData("""{"a":1}""", "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE")]
    [InlineData("", "application/json", 400, "INVALID_JSON")]
    [InlineData("[]", "application/json", 400, "INVALID_JSON")]
    [InlineData("null", "application/json", 400, "INVALID_JSON")]
    [InlineData("{", "application/json", 400, "INVALID_JSON")]
    [InlineData("""{"a":1,"a":2}""", "application/json", 400, "INVALID_JSON")]
    [InlineData("""{"a":1,"\u0061":2}""", "application/json", 400, "INVALID_JSON")]
    [InlineData("""{"a":"\ud800"}""", "application/json", 400, "INVALID_JSON")]
    [InlineData("""{"\ud800":1}""", "application/json", 400, "INVALID_JSON")]
    [InlineData("{\"a\":\"\u00ff\"}", "latin1!", 400, "INVALID_JSON")]
    public async Task Bodies_are_read_or_refused(string body, string? type, int status, string? code)
    {
        await using var host = await DoorHost.StartAsync();
        using var client = new HttpClient();
        var content = new ByteArrayContent((type == "latin1!" ? Encoding.Latin1 : Encoding.UTF8).GetBytes(body));
        content.Headers.ContentType = type is null or "latin1!" ? null : MediaTypeHeaderValue.Parse(type);

        using var response = await client.PostAsync($"{host.App.Urls.Single()}/test/json", content);

        Assert.Equal(status, (int)response.StatusCode);
        if (code is not null)
        {
            Assert.Equal((status, code, null), await CodeAsync(response));
        }
    }

    [Theory]
    [InlineData(31, 200)]
    [InlineData(40, 400)]
    public async Task Depth_is_limited(int depth, int status)
    {
        await using var host = await DoorHost.StartAsync();

        using var response = await host.SendAsync(HttpMethod.Post, "/test/json", body: $$"""{"a":{{new string('[', depth)}}{{new string(']', depth)}}}""");

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_body_is_refused_with_and_without_a_length(bool chunked)
    {
        await using var host = await DoorHost.StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{host.App.Urls.Single()}/test/json")
        {
            Content = new StringContent($$"""{"a":"{{new string('x', 1000)}}"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await client.SendAsync(request);

        Assert.Equal((413, "BODY_TOO_LARGE", null), await CodeAsync(response));
    }

    private static async Task<(int, string, string?)> CodeAsync(HttpResponseMessage response)
    {
        var (status, code, _) = await DoorHost.RefusalAsync(response);
        return (status, code, null);
    }

    private static async Task<string> KeyAsync(DoorHost host, string plan, Scopes scopes)
    {
        var operations = new AccountOperations(host.Db.Database, host.Time);
        var account = (await operations.CreateAccountAsync(Actor.CommandLine, "A", plan)).Value;
        return (await operations.CreateKeyAsync(Actor.CommandLine, new NewApiKey(account.Id, KeyMode.Test, "k") { Scopes = scopes })).Value.Secret;
    }
}
