using System.Text.RegularExpressions;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>Every answer carries the id of its request: the client's where it can be used, otherwise one of ours.</summary>
public sealed class RequestIdTests(RequestIdTests.Server server) : IClassFixture<RequestIdTests.Server>
{
    private const string Longest = "0123456789.abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789.abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXY";

    [Theory]
    [InlineData("GET", "/", 0)]
    [InlineData("HEAD", "/", 0)]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/health/ready", 200)]
    [InlineData("GET", "/metrics", 200)]
    [InlineData("GET", "/docs", 0)]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("DELETE", "/api/v1/generate", 405)]
    [InlineData("OPTIONS", "/api/v1/generate", 0)]
    [InlineData("GET", "/api/v1/models", 0)]
    [InlineData("GET", "/api/v1/credits", 401)]
    [InlineData("POST", "/api/v1/generate", 401)]
    [InlineData("GET", "/api/v1/events", 401)]
    [InlineData("GET", "/v1/models", 401)]
    [InlineData("POST", "/v1/images/generations", 401)]
    [InlineData("POST", "/mcp", 401)]
    [InlineData("GET", "/.well-known/oauth-authorization-server", 200)]
    [InlineData("GET", "/.well-known/oauth-protected-resource/mcp", 0)]
    [InlineData("GET", "/oauth/authorize", 400)]
    [InlineData("POST", "/oauth/token", 400)]
    [InlineData("POST", "/oauth/register", 400)]
    [InlineData("GET", "/files/nothing", 404)]
    [InlineData("POST", "/hooks/fal/nothing", 404)]
    [InlineData("GET", "/admin/v1/accounts", 401)]
    public async Task An_answer_of_any_kind_has_the_client_s_id(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("X-Request-Id", Longest);
        var reply = await server.Zoetrope.Api.SendAsync(request);

        Assert.True(status == 0 || status == reply.Status, $"{reply.Status} {reply.Text}");
        Assert.Equal(Longest, Assert.Single(reply.Headers.GetValues("X-Request-Id")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("line%0Abreak")]
    [InlineData("quote\"")]
    [InlineData("a,b")]
    [InlineData("semi;colon")]
    [InlineData(Longest + "1")]
    [InlineData("twice", "twice")]
    public async Task What_cannot_be_an_id_is_replaced_by_one_of_ours(params string[] sent)
    {
        var ids = new HashSet<string>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live");
            foreach (var one in sent)
            {
                request.Headers.TryAddWithoutValidation("X-Request-Id", one);
            }

            ids.Add(Assert.Single((await server.Zoetrope.Api.SendAsync(request)).Expect(200).Headers.GetValues("X-Request-Id")));
        }

        Assert.Equal(2, ids.Count);
        Assert.All(ids, id => Assert.Matches(new Regex("^req_[0-9a-z]{26}$"), id));
    }

    [Fact]
    public async Task A_customer_s_streams_results_and_refusals_have_it_too()
    {
        var api = server.Zoetrope.Api;
        var customer = await api.CreateCustomerAsync();
        var made = (await api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = "A fox" } })).Expect(200);
        var task = made.Data.GetProperty("id").GetString()!;
        var done = await api.WaitAsync(customer, task);
        var replies = new List<Reply>
        {
            made,
            await api.GetAsync(customer, $"/api/v1/tasks/{task}/events"),
            await api.GenerateAsync(customer, new { model = "no-such-model" }),
            await api.SendAsync(HttpMethod.Post, "/v1/images/generations", customer.Key, """{"model":"no-such-model","prompt":"a"}"""),
            await api.SendAsync(HttpMethod.Post, "/api/v1/generate", customer.Key, "{"),
            await api.GetAsync(customer, new Uri(done.GetProperty("result").GetProperty("url").GetString()!).PathAndQuery),
        };

        Assert.Equal([200, 200, 400, 404, 400, 200], replies.Select(reply => reply.Status));
        Assert.Equal(replies.Count, replies.Select(reply => Assert.Single(reply.Headers.GetValues("X-Request-Id"))).Distinct().Count());
    }

    public sealed class Server : IAsyncLifetime
    {
        internal TestZoetrope Zoetrope { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Zoetrope = await TestZoetrope.StartAsync(new TestServer { HasMetrics = true });

        public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
    }
}
