using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Server.Doors.Pages;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Pages;

/// <summary>What people and agents read at the server's address: nothing on it runs, and everything it points to is there.</summary>
public sealed class PageTests : IAsyncLifetime
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    private TestZoetrope _zoetrope = null!;

    private ZoetropeApi Api => _zoetrope.Api;

    public async ValueTask InitializeAsync() => _zoetrope = await TestZoetrope.StartAsync();

    public ValueTask DisposeAsync() => _zoetrope.DisposeAsync();

    [Fact]
    public async Task The_first_page_has_a_request_to_paste_and_links_that_work()
    {
        var page = await GetAsync("/");

        Assert.Equal("text/html; charset=utf-8", page.ContentType);
        Assert.Contains($"{Api.Address.AbsoluteUri}api/v1/generate", page.Text, StringComparison.Ordinal);
        Assert.All(["/docs", "/guides", "/models", "/health/ready", "/llms.txt", "/openapi/v1.json"], link => Assert.Contains($"href=\"{link}\"", page.Text, StringComparison.Ordinal));
        var model = Regex.Match(WebUtility.HtmlDecode(page.Text), "\"model\":\"([^\"]+)\"").Groups[1].Value;
        var customer = await Api.CreateCustomerAsync();
        (await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, $$"""{"model":"{{model}}","prompt":"A red fox runs through snow at sunset"}""")).Expect(200);
    }

    [Fact]
    public async Task Nothing_runs_on_a_page_and_nobody_frames_it()
    {
        foreach (var path in new[] { "/", "/guides", "/guides/webhooks", "/models", "/models/nano-banana-text-to-image", "/guides/nothing", "/models/nothing" })
        {
            var page = await GetAsync(path);
            Assert.Equal(path.EndsWith("/nothing", StringComparison.Ordinal) ? 404 : 200, page.Status);
            Assert.Contains("default-src 'none'; style-src 'sha256-", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Equal("nosniff", page.Header("X-Content-Type-Options"));
            Assert.DoesNotMatch(@"<script|javascript:|\son\w+\s*=|\sstyle\s*=|<(iframe|object|embed|form|base)\b", page.Text);
            Assert.DoesNotMatch(@"(src|href)=""(https?:)?//(?!modelcontextprotocol\.io|www\.standardwebhooks\.com)", page.Text);
            Assert.Matches("<meta name=\"viewport\"", page.Text);
            Assert.Contains("color-scheme:light dark", page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_has_a_page_is_told_so_and_head_answers()
    {
        foreach (var path in new[] { "/", "/guides", "/guides/webhooks", "/guides/webhooks.md", "/models", "/models.md", "/models/nano-banana-text-to-image", "/models/nano-banana-text-to-image.md", "/llms.txt", "/icon.svg" })
        {
            var tag = (await GetAsync(path)).Header("ETag");
            Assert.All((int[])[
                (await GetAsync(path, ("If-None-Match", tag))).Status, (await GetAsync(path, ("If-None-Match", "*"))).Status,
                (await GetAsync(path, ("If-None-Match", $"\"other\", W/{tag}"))).Status,
            ], status => Assert.Equal(304, status));
            Assert.Equal(200, (await GetAsync(path, ("If-None-Match", "\"other\""))).Status);
            var head = await SendAsync(HttpMethod.Head, path);
            Assert.Equal((200, "", tag), (head.Status, head.Text, head.Header("ETag")));
        }
    }

    [Theory]
    [InlineData("text/event-stream", 405)]
    [InlineData("application/json, text/event-stream", 405)]
    [InlineData("application/json", 200)]
    [InlineData("*/*", 200)]
    [InlineData(null, 200)]
    public async Task A_client_of_mcp_at_the_root_still_learns_that_there_is_no_stream(string? accept, int status)
    {
        var answer = accept is null ? await GetAsync("/") : await GetAsync("/", ("Accept", accept));
        Assert.Equal(status, answer.Status);
        if (status == 405)
        {
            Assert.Contains("METHOD_NOT_ALLOWED", answer.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", "", null, "http://media.example:8080", "media.example:8080")]
    [InlineData("", "", "evil.example", "http://127.0.0.1:", null)]
    [InlineData("127.0.0.1", "", "media.example", "https://media.example/", null)]
    [InlineData("127.0.0.1", "https://public.example", "media.example", "https://public.example/", "other.example")]
    [InlineData("", "", null, "http://127.0.0.1:", "x$(id)")]
    [InlineData("", "", null, "http://127.0.0.1:", "x'y")]
    public async Task A_page_names_the_address_that_its_reader_used_and_no_other(string proxies, string publicUrl, string? forwardedHost, string expected, string? host)
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Settings = new Dictionary<string, string?> { ["Server:TrustedProxies"] = proxies, ["PublicUrl"] = publicUrl },
        });
        foreach (var path in new[] { "/", "/llms.txt", "/models/nano-banana-text-to-image.md" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(zoetrope.Api.Address, path));
            if (host is not null)
            {
                request.Headers.TryAddWithoutValidation("Host", host);
            }

            if (forwardedHost is not null)
            {
                request.Headers.TryAddWithoutValidation("X-Forwarded-Host", forwardedHost);
                request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
            }

            var page = await zoetrope.Api.SendAsync(request);
            if (page.Status == 400)
            {
                // Kestrel itself refuses some of these names.
                Assert.NotNull(host);
                continue;
            }

            Assert.Contains(expected, page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("evil.example", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("$(id)", page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_guide_is_a_page_and_text_and_every_link_leads_somewhere()
    {
        var guides = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md", SearchOption.AllDirectories).ToList();
        var names = Guide.Groups.SelectMany(group => group.Guides).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(guides, path => Assert.Contains(names, guide => guide.Source == Path.GetRelativePath(SourceTree.Root, path)));

        var pages = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in names.Select(guide => Guide.Root + guide.Name).Concat(["/", "/guides", "/models", "/docs", "/llms.txt"]))
        {
            pages[path] = (await GetAsync(path)).Text;
        }

        var broken = new List<string>();
        foreach (var (path, text) in pages.Where(page => page.Key != "/docs").ToList())
        {
            foreach (var link in Regex.Matches(text, "href=\"([^\"]+)\"").Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).Where(link => !link.Contains("://", StringComparison.Ordinal)).Distinct())
            {
                var target = new Uri(new Uri("http://here" + path), link);
                if (!pages.TryGetValue(target.AbsolutePath, out var page))
                {
                    var answer = await GetAsync(target.AbsolutePath);
                    pages[target.AbsolutePath] = page = answer.Status == 200 ? answer.Text : "";
                }

                if (page.Length == 0 || (target.Fragment.Length > 1 && !page.Contains($"id=\"{target.Fragment[1..]}\"", StringComparison.Ordinal)))
                {
                    broken.Add($"{path}: {link}");
                }
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    [Fact]
    public async Task Agents_find_every_page_as_markdown_from_llms_txt()
    {
        var text = (await GetAsync("/llms.txt")).Text;
        var links = Regex.Matches(text, @"\]\((http[^)]+)\)").Select(match => new Uri(match.Groups[1].Value)).ToList();

        Assert.StartsWith("# Zoetrope\n\n> ", text, StringComparison.Ordinal);
        Assert.True(links.Count > 40, $"{links.Count} links");
        foreach (var link in links.Where(link => link.AbsolutePath != "/openapi/v1.json"))
        {
            Assert.Equal(Api.Address.Authority, link.Authority);
            var page = await GetAsync(link.AbsolutePath);
            Assert.Equal((200, "text/markdown; charset=utf-8"), (page.Status, page.ContentType));
            Assert.StartsWith("# ", page.Text, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"\]\((\.\./|[\w-]+\.md)", page.Text);
        }
    }

    [Fact]
    public async Task The_example_on_the_page_of_every_model_is_a_request_that_it_accepts()
    {
        var customer = await Api.CreateCustomerAsync();
        var files = new Dictionary<string, string>
        {
            ["https://example.com/photo.jpg"] = await Api.UploadAsync(customer, TestMedia.Image(1280, 720), "image/png"),
            ["https://example.com/clip.mp4"] = await Api.UploadAsync(customer, TestMedia.Video(1280, 720, 5), "video/mp4"),
            ["https://example.com/voice.mp3"] = await Api.UploadAsync(customer, TestMedia.Made("voice.mp3", "-f", "lavfi", "-i", "sine=d=5"), "audio/mpeg"),
        };
        var models = (await Api.SendAsync(HttpMethod.Get, "/api/v1/models", key: null)).Expect(200).Data.EnumerateArray().Select(model => model.GetProperty("id").GetString()!).ToList();
        var index = (await GetAsync("/models")).Text;
        Assert.True(models.Count > 60);
        foreach (var id in models)
        {
            var text = (await GetAsync($"/models/{id}.md")).Text;
            var page = await GetAsync($"/models/{id}");
            var body = files.Aggregate(Regex.Match(text, @"-d '(\{.*\})'").Groups[1].Value.Replace(@"'\''", "'", StringComparison.Ordinal), (filled, file) => filled.Replace(file.Key, file.Value, StringComparison.Ordinal));
            var estimate = await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, body);

            Assert.True(estimate.Status == 200, $"{id}: {body}\n{estimate.Text}");
            Assert.Contains($"href=\"/models/{id}\"", index, StringComparison.Ordinal);
            Assert.Equal(200, page.Status);
            Assert.Contains("<table>", page.Text, StringComparison.Ordinal);
            if (Regex.Match(text, @"nothing but the prompt costs (\d+) credit") is { Success: true } said)
            {
                Assert.Equal(long.Parse(said.Groups[1].Value), estimate.Data.GetProperty("credits").GetInt64());
            }
        }
    }

    [Fact]
    public async Task An_alias_shows_its_model_and_a_wrong_name_shows_the_nearest()
    {
        Assert.Contains("nano-banana-text-to-image", (await GetAsync("/models/nano-banana-text-to-imag")).Text, StringComparison.Ordinal);
        var hostile = (await GetAsync("/models/" + Uri.EscapeDataString("<img src=x onerror=alert(1)>"))).Text;
        Assert.DoesNotContain("<img src=x", hostile, StringComparison.Ordinal);
        Assert.Contains("&lt;img", hostile, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("a | b\n# c")]
    [InlineData("![x](http://evil.example/p.png) **b** `c` ~~d~~ <b>e</b> &copy;")]
    [InlineData("back\\slash *")]
    public void Words_of_an_operators_catalogue_mean_themselves(string words)
    {
        var html = MarkdownText.ToHtml($"| A |\n|---|\n| {MarkdownText.Plain(words)} |\n").ToString();

        Assert.Equal(Regex.Replace(words, @"\s", " "), WebUtility.HtmlDecode(Regex.Match(html, "<td>(.*)</td>").Groups[1].Value));
        Assert.DoesNotMatch("<(script|a|img|b|strong|code|em|del)[ >]", html);
    }

    private Task<Got> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, headers);

    private async Task<Got> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = path == "/docs" });
        using var request = new HttpRequestMessage(method, new Uri(Api.Address, path));
        foreach (var (name, value) in headers.Length > 0 ? headers : [("Accept", Browser)])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await http.SendAsync(request);
        var all = answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Got((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), all);
    }

    private sealed record Got(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
    {
        public string? ContentType => Headers.GetValueOrDefault("Content-Type");

        public string Header(string name) => Headers.GetValueOrDefault(name, "");
    }
}
