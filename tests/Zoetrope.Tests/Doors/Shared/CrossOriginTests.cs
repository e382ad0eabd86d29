using System.Net;
using System.Text;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Shared;

/// <summary>Browsers on other origins: kept out unless the operator names them, and never let to the operator's door.</summary>
public sealed class CrossOriginTests
{
    private const string Studio = "https://studio.example.com";

    [Fact]
    public async Task No_origin_is_let_in_unless_it_is_set()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();

        var (_, headers) = await SendAsync(zoetrope, HttpMethod.Options, "/v1/images/generations", Studio);

        Assert.DoesNotContain("Access-Control-Allow-Origin", headers.Keys);
    }

    [Fact]
    public async Task An_origin_that_is_set_may_ask_call_and_read_what_clients_read()
    {
        await using var zoetrope = await StartAsync($"https://other.example.com, {Studio}");

        var (asked, allowed) = await SendAsync(zoetrope, HttpMethod.Options, "/v1/images/generations", Studio);
        var (called, answer) = await SendAsync(zoetrope, HttpMethod.Post, "/v1/images/generations", Studio);
        var (missing, refusal) = await SendAsync(zoetrope, HttpMethod.Get, "/api/v1/nothing", Studio);
        var (_, stranger) = await SendAsync(zoetrope, HttpMethod.Post, "/v1/images/generations", "https://evil.example.com");

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Unauthorized, HttpStatusCode.NotFound), (asked, called, missing));
        Assert.Equal(Studio, allowed["Access-Control-Allow-Origin"]);
        Assert.Contains("x-stainless-lang", allowed["Access-Control-Allow-Headers"], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("POST", allowed["Access-Control-Allow-Methods"], StringComparison.Ordinal);
        Assert.Equal(Studio, answer["Access-Control-Allow-Origin"]);
        Assert.Contains("X-Request-Id", answer["Access-Control-Expose-Headers"], StringComparison.Ordinal);
        Assert.Equal(Studio, refusal["Access-Control-Allow-Origin"]);
        Assert.All([allowed, answer], headers => Assert.DoesNotContain("Access-Control-Allow-Credentials", headers.Keys));
        Assert.DoesNotContain("Access-Control-Allow-Origin", stranger.Keys);
    }

    [Fact]
    public async Task Nobody_elses_page_reaches_the_operators_door()
    {
        await using var zoetrope = await StartAsync("*");

        var (_, door) = await SendAsync(zoetrope, HttpMethod.Options, "/api/v1/generate", Studio);
        var (_, admin) = await SendAsync(zoetrope, HttpMethod.Options, "/admin/v1/accounts", Studio);
        var (_, shouted) = await SendAsync(zoetrope, HttpMethod.Options, "/ADMIN/v1/accounts", Studio);

        Assert.Equal("*", door["Access-Control-Allow-Origin"]);
        Assert.All([admin, shouted], headers => Assert.DoesNotContain("Access-Control-Allow-Origin", headers.Keys));
    }

    [Theory]
    [InlineData("https://studio.example.com/")]
    [InlineData("studio.example.com")]
    [InlineData("https://*.example.com/a")]
    public async Task What_is_no_origin_stops_the_start(string origin)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () => await (await StartAsync(origin)).DisposeAsync());

        Assert.Contains(origin, refused.Message, StringComparison.Ordinal);
    }

    private static Task<TestZoetrope> StartAsync(string origins) => TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Cors:Origins"] = origins } });

    private static async Task<(HttpStatusCode Status, Dictionary<string, string> Headers)> SendAsync(TestZoetrope zoetrope, HttpMethod method, string path, string origin)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(method, new Uri(zoetrope.Api.Address, path));
        request.Headers.Add("Origin", origin);
        if (method == HttpMethod.Options)
        {
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type,x-stainless-lang");
        }
        else if (method == HttpMethod.Post)
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, answer.Headers.ToDictionary(header => header.Key, header => string.Join(",", header.Value)));
    }
}
