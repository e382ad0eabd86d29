using System.Net;
using System.Security.Cryptography;
using System.Text;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>The studio's page and files, as the server serves whatever lies beside it; the studio itself has tests of its own.</summary>
public sealed class StudioDoorTests : IAsyncLifetime
{
    private const string Map = "{ \"imports\": {} }";

    private readonly TemporaryDirectory _files = new();
    private TestZoetrope _zoetrope = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(_files.Path, "_framework"));
        Directory.CreateDirectory(Path.Combine(_files.Path, "studio"));
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "index.html"), $"<!doctype html><title>Studio</title><script type=\"importmap\">{Map}</script>");
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "studio/studio.css"), "a{}");
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "_framework/dotnet.abcdefghij.js"), "plain");
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "_framework/dotnet.abcdefghij.js.br"), "brotli");
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "_framework/dotnet.abcdefghij.js.gz"), "gzip");
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "_framework/secret.txt"), "no type of ours");
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Studio:Directory"] = _files.Path } });
    }

    public async ValueTask DisposeAsync()
    {
        await _zoetrope.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task A_browser_gets_the_studio_once_it_is_signed_in_and_a_program_what_the_server_is()
    {
        // Nobody runs the server yet: everybody reads what it is.
        Assert.Contains("one API", await (await GetAsync("/", "text/html")).Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var browser = await TestBrowser.OperatorAsync(_zoetrope);
        var cookie = browser.Cookie;
        using var signedOut = await GetAsync("/", "text/html");
        Assert.Equal((HttpStatusCode.Redirect, "/sign-in"), (signedOut.StatusCode, signedOut.Headers.Location?.OriginalString));
        using var deep = await GetAsync("/gallery?q=fox", "text/html");
        Assert.Equal("/sign-in?next=%2Fgallery%3Fq%3Dfox", deep.Headers.Location?.OriginalString);
        Assert.Contains("one API", await (await GetAsync("/", "*/*", cookie)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("one API", await (await GetAsync("/about", "text/html", cookie)).Content.ReadAsStringAsync(), StringComparison.Ordinal);

        foreach (var path in new[] { "/", "/gallery", "/gallery/stars", "/r/task_1", "/keys", "/operate/providers" })
        {
            using var page = await GetAsync(path, "text/html", cookie);
            Assert.Contains("<title>Studio", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            var policy = string.Join(' ', page.Headers.GetValues("Content-Security-Policy"));
            var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Map)));
            Assert.StartsWith($"default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-{hash}'; style-src 'self'; ", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe-inline", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("no-cache", page.Headers.CacheControl?.ToString());
        }
    }

    [Fact]
    public async Task Who_is_signed_in_sees_the_models_that_their_mode_can_use()
    {
        var test = await TestBrowser.OperatorAsync(_zoetrope);
        Assert.All((await test.SendAsync(HttpMethod.Get, "/api/v1/models")).Expect(200).Data.EnumerateArray(), model => Assert.True(model.GetProperty("available").GetBoolean()));
        var live = new TestBrowser(_zoetrope) { Mode = "live", Cookie = test.Cookie };
        Assert.All((await live.SendAsync(HttpMethod.Get, "/api/v1/models")).Expect(200).Data.EnumerateArray(), model => Assert.False(model.GetProperty("available").GetBoolean()));
        var nobody = new TestBrowser(_zoetrope) { Cookie = test.Cookie + "x" };
        Assert.All((await nobody.SendAsync(HttpMethod.Get, "/api/v1/models")).Expect(200).Data.EnumerateArray(), model => Assert.False(model.GetProperty("available").GetBoolean()));
    }

    [Theory]
    [InlineData("/studio/studio.css", "", 200, "a{}", "no-cache")]
    [InlineData("/_framework/dotnet.abcdefghij.js", "", 200, "plain", "immutable")]
    [InlineData("/_framework/dotnet.abcdefghij.js", "gzip, deflate, br", 200, "brotli", "immutable")]
    [InlineData("/_framework/dotnet.abcdefghij.js", "gzip", 200, "gzip", "immutable")]
    [InlineData("/_framework/secret.txt", "", 404, "NOT_FOUND", "")]
    [InlineData("/_framework/nothing.js", "", 404, "NOT_FOUND", "")]
    [InlineData("/studio/..%2Findex.html", "", 404, "NOT_FOUND", "")]
    [InlineData("/studio/%2e%2e/%2e%2e/etc/passwd.css", "", 404, "NOT_FOUND", "")]
    [InlineData("/studio//etc/fonts.css", "", 404, "NOT_FOUND", "")]
    [InlineData("/index.html", "", 404, "NOT_FOUND", "")]
    [InlineData("/galleries", "", 404, "NOT_FOUND", "")]
    public async Task Its_files_and_nothing_beside_them(string path, string accepted, int status, string text, string caching)
    {
        using var answer = await GetAsync(path, "*/*", encoding: accepted);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(text, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains(caching, answer.Headers.CacheControl?.ToString() ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_the_file_is_told_so()
    {
        using var first = await GetAsync("/studio/studio.css", "*/*");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_zoetrope.Api.Address, "/studio/studio.css"));
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var http = new HttpClient();
        using var again = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string accept, string? cookie = null, string encoding = "")
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_zoetrope.Api.Address.AbsoluteUri.TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.Accept.ParseAdd(accept);
        if (encoding.Length > 0)
        {
            request.Headers.AcceptEncoding.ParseAdd(encoding);
        }

        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return await http.SendAsync(request);
    }
}
