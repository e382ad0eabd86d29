using System.Text.Json;
using Zoetrope.Server.Hosting;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting;

/// <summary>What a proxy says of a client counts if the operator named the proxy, and only then.</summary>
public sealed class TrustedProxyTests
{
    private const string Client = "203.0.113.7";

    [Theory]
    [InlineData("", 0)]
    [InlineData("127.0.0.1", 1)]
    [InlineData(" 127.0.0.1 , ::1,10.0.0.0/8, fd00::/8 ", 4)]
    [InlineData("localhost", -1)]
    [InlineData("10.0.0.0/33", -1)]
    [InlineData("127.0.0.1; 10.0.0.1", -1)]
    public void The_setting_is_addresses_and_networks(string setting, int networks) =>
        Assert.Equal(networks, TrustedProxies.Read(setting)?.Count ?? -1);

    [Fact]
    public async Task The_rightmost_address_that_is_no_proxy_is_the_clients_for_every_limit()
    {
        await using var zoetrope = await StartAsync("127.0.0.0/8, 10.1.0.0/16");
        for (var i = 0; i < 25; i++)
        {
            await SendAsync(zoetrope, "/api/v1/credits", "sk-test-wrong", Client);
        }

        Assert.Equal(429, (await SendAsync(zoetrope, "/api/v1/credits", "sk-test-wrong", Client)).Status);
        Assert.Equal(429, (await SendAsync(zoetrope, "/api/v1/credits", "sk-test-wrong", $"198.51.100.1, {Client}, 10.1.2.3")).Status);
        Assert.Equal(401, (await SendAsync(zoetrope, "/api/v1/credits", "sk-test-wrong", $"{Client}, 198.51.100.2")).Status);
        Assert.Equal(401, (await SendAsync(zoetrope, "/api/v1/credits", "sk-test-wrong", "198.51.100.3")).Status);
        Assert.Equal(401, (await SendAsync(zoetrope, "/admin/v1/accounts", "zadm-wrong", "198.51.100.4")).Status);
        for (var i = 0; i < 25; i++)
        {
            await RegisterAsync(zoetrope, Client);
        }

        Assert.Equal(429, (await RegisterAsync(zoetrope, Client)).Status);
        Assert.Equal(201, (await RegisterAsync(zoetrope, "198.51.100.5")).Status);
    }

    [Fact]
    public async Task Urls_in_an_answer_begin_as_the_client_reached_the_proxy()
    {
        await using var zoetrope = await StartAsync("127.0.0.1");
        var customer = await zoetrope.Api.CreateCustomerAsync();

        var metadata = await SendAsync(zoetrope, "/.well-known/oauth-protected-resource/mcp", key: null, Client, "https", "media.example");
        var issuer = await SendAsync(zoetrope, "/.well-known/oauth-authorization-server", key: null, Client, "https", "media.example");
        var challenge = await SendAsync(zoetrope, "/api/v1/credits", key: null, Client, "https", "media.example");
        var ticket = (await SendAsync(zoetrope, "/api/v1/upload", customer.Key, Client, "https", "media.example", """{"contentType":"image/png"}""")).Expect(200).Data;
        var onlyScheme = (await SendAsync(zoetrope, "/api/v1/upload", customer.Key, Client, "https", null, """{"contentType":"image/png"}""")).Expect(200).Data;
        var direct = (await SendAsync(zoetrope, "/api/v1/upload", customer.Key, null, null, null, """{"contentType":"image/png"}""")).Expect(200).Data;

        Assert.Equal("https://media.example/mcp", metadata.Expect(200).Json.GetProperty("resource").GetString());
        Assert.Equal("https://media.example/", issuer.Expect(200).Json.GetProperty("issuer").GetString());
        Assert.Contains("https://media.example/.well-known/", challenge.Expect(401).Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("https://media.example/uploads/", ticket.GetProperty("uploadUrl").GetString(), StringComparison.Ordinal);
        Assert.StartsWith($"https://{zoetrope.Api.Address.Authority}/files/", onlyScheme.GetProperty("publicUrl").GetString(), StringComparison.Ordinal);
        Assert.StartsWith(zoetrope.Api.Address.AbsoluteUri + "files/", direct.GetProperty("publicUrl").GetString(), StringComparison.Ordinal);

        // A file of ours under the proxy's name is read from the store, not over the network.
        var own = await zoetrope.Api.UploadAsync(customer, Artifacts.Media.TestMedia.Image(640, 480), "image/png");
        var named = "https://media.example" + new Uri(own).PathAndQuery;
        foreach (var url in new[] { named, own })
        {
            var body = JsonSerializer.Serialize(new { model = "nano-banana-image-to-image", prompt = "a", input = new { image_urls = new[] { url } } });
            (await SendAsync(zoetrope, "/api/v1/estimate", customer.Key, Client, "https", "media.example", body)).Expect(200);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("192.0.2.1")]
    public async Task Nothing_is_believed_of_anybody_else(string trusted)
    {
        await using var zoetrope = await StartAsync(trusted);
        var customer = await zoetrope.Api.CreateCustomerAsync();
        for (var i = 0; i < 25; i++)
        {
            await SendAsync(zoetrope, "/api/v1/credits", "sk-test-wrong", $"198.51.100.{i}");
        }

        Assert.Equal(429, (await SendAsync(zoetrope, "/api/v1/credits", "sk-test-wrong", Client)).Status);
        var ticket = (await SendAsync(zoetrope, "/api/v1/upload", customer.Key, Client, "https", "evil.example", """{"contentType":"image/png"}""")).Expect(200);
        var metadata = (await SendAsync(zoetrope, "/.well-known/oauth-protected-resource", key: null, Client, "https", "evil.example")).Expect(200);
        Assert.DoesNotContain("evil.example", ticket.Text + metadata.Text, StringComparison.Ordinal);
        Assert.Equal("no-store", metadata.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task The_operators_own_address_wins()
    {
        await using var zoetrope = await StartAsync("127.0.0.1", "https://public.example");
        var customer = await zoetrope.Api.CreateCustomerAsync();

        var ticket = (await SendAsync(zoetrope, "/api/v1/upload", customer.Key, Client, "https", "media.example", """{"contentType":"image/png"}""")).Expect(200).Data;

        Assert.StartsWith("https://public.example/uploads/", ticket.GetProperty("uploadUrl").GetString(), StringComparison.Ordinal);
    }

    private static Task<TestZoetrope> StartAsync(string trusted, string publicUrl = "") =>
        TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Server:TrustedProxies"] = trusted, ["PublicUrl"] = publicUrl } });

    private static Task<Reply> RegisterAsync(TestZoetrope zoetrope, string from) =>
        SendAsync(zoetrope, "/oauth/register", key: null, from, body: """{"redirect_uris":["https://client.example/cb"]}""");

    private static async Task<Reply> SendAsync(TestZoetrope zoetrope, string path, string? key, string? from, string? scheme = null, string? host = null, string? body = null)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, path);
        foreach (var (name, value) in new[] { ("Authorization", key is null ? null : $"Bearer {key}"), ("X-Forwarded-For", from), ("X-Forwarded-Proto", scheme), ("X-Forwarded-Host", host) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        }

        return await zoetrope.Api.SendAsync(request);
    }
}
