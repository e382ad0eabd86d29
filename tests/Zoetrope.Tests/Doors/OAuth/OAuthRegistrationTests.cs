using Zoetrope.Server.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OAuth;

/// <summary>Who may introduce itself, and where codes may be sent.</summary>
public sealed class OAuthRegistrationTests
{
    [Theory]
    [InlineData("https://claude.ai/api/mcp/auth_callback", true)]
    [InlineData("https://example.com:8443/cb?x=1", true)]
    [InlineData("http://localhost:33418/", true)]
    [InlineData("http://127.0.0.1/callback", true)]
    [InlineData("http://[::1]:9000/cb", true)]
    [InlineData("cursor://anysphere.cursor-mcp/oauth/callback", true)]
    [InlineData("com.example.app:/oauth", true)]
    [InlineData("http://example.com/cb", false)]
    [InlineData("http://127.0.0.1.evil.example/cb", false)]
    [InlineData("http://localhost.evil.example/cb", false)]
    [InlineData("https://user@example.com/cb", false)]
    [InlineData("https://example.com/cb#fragment", false)]
    [InlineData("https://example.com/c b", false)]
    [InlineData("/relative", false)]
    [InlineData("", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("JavaScript:alert(1)", false)]
    [InlineData("data:text/html,hello", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("vbscript:x", false)]
    [InlineData("http://127.8.9.10:1/cb", true)]
    [InlineData("vscode://vscode.github-authentication/did-authenticate", true)]
    [InlineData("io.example.my-app2://cb", true)]
    [InlineData("http://loopback/cb", false)]
    [InlineData("http://localhost./cb", false)]
    [InlineData("http://127.1/cb", false)]
    [InlineData("http://2130706433/cb", false)]
    [InlineData("http://0x7f.0.0.1/cb", false)]
    [InlineData("http://0177.0.0.1/cb", false)]
    [InlineData("http://0.0.0.0/cb", false)]
    [InlineData("http://10.0.0.1/cb", false)]
    [InlineData("http://[::]/cb", false)]
    [InlineData("http://[::ffff:127.0.0.1]/cb", false)]
    [InlineData("http://[::127.0.0.1]/cb", false)]
    [InlineData("http://127.0.0.1@evil.example/cb", false)]
    [InlineData("http:127.0.0.1/cb", false)]
    [InlineData("ms-msdt:/id", false)]
    [InlineData("ms-settings:network", false)]
    [InlineData("ms-word:ofe|u|https://evil.example/a.docx", false)]
    [InlineData("search-ms:query=x", false)]
    [InlineData("shell:startup", false)]
    [InlineData("microsoft-edge:http://evil.example", false)]
    [InlineData("microsoft.windows.photos.crop:x", false)]
    [InlineData("windows.internal:x", false)]
    [InlineData("ms.example:x", false)]
    [InlineData("googlechrome://evil.example", false)]
    [InlineData("googlechromes://evil.example", false)]
    [InlineData("firefox://open-url?url=x", false)]
    [InlineData("jar:https://evil.example!/x", false)]
    [InlineData("chrome-extension://abc/x", false)]
    [InlineData("moz-extension://abc/x", false)]
    [InlineData("ldap://evil.example/", false)]
    [InlineData("telnet:evil.example", false)]
    [InlineData("ssh://evil.example", false)]
    [InlineData("smb://evil.example/x", false)]
    [InlineData("afp://evil.example/x", false)]
    [InlineData("steam://run/1", false)]
    [InlineData("tel:112", false)]
    [InlineData("mailto:x@evil.example", false)]
    [InlineData("intent://x#Intent;end", false)]
    [InlineData("itms-services://?action=download-manifest", false)]
    [InlineData("x-apple.systempreferences:x", false)]
    [InlineData("blob:https://evil.example/1", false)]
    [InlineData("myapp://cb", false)]
    [InlineData("com.:x", false)]
    [InlineData("c.example:x", false)]
    [InlineData("1.example:x", false)]
    public void Codes_go_only_where_the_program_itself_receives_them(string uri, bool allowed) => Assert.Equal(allowed, ClientRegistration.Refusal(uri) is null);

    [Fact]
    public async Task Registrations_are_checked_answered_in_full_and_limited()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["OAuth:RegistrationsPerMinute"] = "12", ["OAuth:MaxUnusedClients"] = "2" } });
        using var browser = new OAuthBrowser(zoetrope.Api.Address);
        var good = new[] { "https://client.example/cb" };

        var (status, json) = await browser.RegisterAsync(new { redirect_uris = good, client_name = "Good", token_endpoint_auth_method = "client_secret_basic", something_else = 1 });
        Assert.Equal((201, "none", "Good", "web"), (status, json.GetProperty("token_endpoint_auth_method").GetString(), json.GetProperty("client_name").GetString(), json.GetProperty("application_type").GetString()));
        Assert.False(json.TryGetProperty("client_secret", out _));
        Assert.Equal("A program at client.example", (await browser.RegisterAsync(new { redirect_uris = good })).Json.GetProperty("client_name").GetString());

        foreach (var wrong in new object[] { new { }, new { redirect_uris = Array.Empty<string>() }, new { redirect_uris = "https://client.example/cb" }, new { redirect_uris = new[] { 1 } }, new { redirect_uris = new[] { "javascript:1" } }, new { redirect_uris = Enumerable.Repeat(good[0], 11) } })
        {
            var (refused, why) = await browser.RegisterAsync(wrong);
            Assert.Equal((400, "invalid_redirect_uri"), (refused, why.GetProperty("error").GetString()));
        }

        Assert.Equal("invalid_client_metadata", (await browser.RegisterAsync(new { redirect_uris = good, client_name = "turned \u202e round" })).Json.GetProperty("error").GetString());
        Assert.Equal("invalid_client_metadata", (await browser.RegisterAsync(new { redirect_uris = good, client_name = new string('x', 101) })).Json.GetProperty("error").GetString());
        Assert.Equal(201, (await browser.RegisterAsync(new { redirect_uris = good })).Status);
        Assert.Equal(201, (await browser.RegisterAsync(new { redirect_uris = good })).Status);
        Assert.Equal(429, (await browser.RegisterAsync(new { redirect_uris = good })).Status);
    }

    [Fact]
    public void Nodes_that_share_a_directory_share_the_keys()
    {
        using var directory = new TemporaryDirectory();
        var made = new OAuthKeys[8];
        Parallel.For(0, made.Length, i => made[i] = new OAuthKeys(directory.Path));

        Assert.Single(made.Select(keys => keys.Current.Signing.KeyId).Distinct());
        Assert.Single(made.Select(keys => Convert.ToHexString(keys.Current.Sealing.Key)).Distinct());
        Assert.Single(made.Select(keys => Convert.ToHexString(keys.Current.Forms)).Distinct());
        Assert.Single(Directory.GetFiles(Path.Combine(directory.Path, "secrets")));
    }

    [Fact]
    public async Task Behind_a_proxy_everything_names_the_public_address()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["PublicUrl"] = "https://media.example" } });
        var api = zoetrope.Api;

        var metadata = (await api.SendAsync(HttpMethod.Get, "/.well-known/oauth-authorization-server", key: null)).Expect(200).Json;
        var resource = (await api.SendAsync(HttpMethod.Get, "/.well-known/oauth-protected-resource/mcp", key: null)).Expect(200).Json;
        var challenge = (await api.SendAsync(HttpMethod.Get, "/api/v1/credits", key: null)).Expect(401).Headers.WwwAuthenticate.ToString();

        Assert.Equal(("https://media.example/", "https://media.example/oauth/token", "https://media.example/oauth/register"), (metadata.GetProperty("issuer").GetString(), metadata.GetProperty("token_endpoint").GetString(), metadata.GetProperty("registration_endpoint").GetString()));
        Assert.Equal(("https://media.example/mcp", "https://media.example/"), (resource.GetProperty("resource").GetString(), resource.GetProperty("authorization_servers")[0].GetString()));
        Assert.Contains("https://media.example/.well-known/oauth-protected-resource", challenge, StringComparison.Ordinal);

        // The cookie of the form goes over https only there, and the whole dance works.
        var customer = await api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(api.Address);
        await browser.RegisterAsync();
        var page = await browser.OpenAsync(browser.Request("https://media.example/mcp"));
        Assert.Contains("secure", page.Headers["Set-Cookie"], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(200, page.Status);
        await api.CreditsAsync(customer);
    }
}
