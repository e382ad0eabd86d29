using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Pages;

/// <summary>A link that shows a result: what it shows and to whom, and that it ends when its owner, its time or its result does.</summary>
public abstract class ShareConformance
{
    private const string Image = "nano-banana-2-text-to-image";

    private static readonly string[] Known = ["meta", "title", "link", "style", "body", "a", "header", "img", "nav", "main", "article", "p", "small", "footer", "html", "head"];

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task A_link_shows_the_result_with_or_without_its_words_and_ends_with_it()
    {
        var clock = new MovedClock();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = clock });
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync();
        using var http = new HttpClient { BaseAddress = api.Address };
        var id = await MakeAsync(api, customer, "A fox <b>&\"'", Image);
        var failed = await MakeAsync(api, customer, "[[fail]]", Image);

        foreach (var (who, task, body, status, code) in new (Customer, string, string, int, string)[]
        {
            (customer, failed, """{"words":true}""", 404, "NO_RESULT"), (customer, id, "{}", 400, "MISSING_PARAMETER"), (customer, id, """{"words":true,"expiresAt":"soon"}""", 400, "INVALID_PARAMETER"),
            (await api.CreateCustomerAsync(), id, """{"words":true}""", 404, "TASK_NOT_FOUND"), (customer with { Key = await api.CreateKeyAsync(customer.AccountId, limits: new { scopes = new[] { "read" } }) }, id, """{"words":true}""", 403, "FORBIDDEN"),
        })
        {
            var refused = await ShareAsync(api, who, task, body);
            Assert.Equal((status, code), (refused.Status, refused.Code));
        }

        Assert.Equal((409, "INVALID_OPERATION"), Short(await UnshareAsync(api, customer, id)));
        var silent = (await ShareAsync(api, customer, id, """{"words":false}""")).Expect(200).Data.GetProperty("share");
        var link = new Uri(silent.GetProperty("url").GetString()!);
        Assert.Matches("^/s/[a-p]{32}$", link.AbsolutePath);
        Assert.False(silent.GetProperty("words").GetBoolean());
        Assert.Equal(silent.ToString(), (await api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200).Data.GetProperty("share").ToString());

        var (page, headers) = await PageAsync(http, link, 200);
        Assert.DoesNotContain("fox", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("sandbox", page, StringComparison.Ordinal);
        Assert.DoesNotContain(customer.AccountId, page, StringComparison.Ordinal);
        Assert.DoesNotContain(id, page, StringComparison.Ordinal);
        Assert.Equal("noindex", headers.GetValues("X-Robots-Tag").Single());
        Assert.Contains("default-src 'none'", headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotMatch(@"<script|\son\w+\s*=|\sstyle\s*=", page);
        var picture = Regex.Match(page, "property=\"og:image\" content=\"([^\"]+)\"").Groups[1].Value;
        Assert.StartsWith(link.AbsoluteUri + "/", picture, StringComparison.Ordinal);
        using (var file = await http.GetAsync(picture, TestContext.Current.CancellationToken))
        {
            Assert.Equal((HttpStatusCode.OK, "image/"), (file.StatusCode, file.Content.Headers.ContentType!.MediaType![..6]));
            Assert.Equal("private, no-cache", file.Headers.NonValidated["Cache-Control"].ToString());
            Assert.NotEmpty(await file.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }

        foreach (var nothing in new[] { "/1", "/-1", "/x", "/0/poster/x", "/10" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(link.AbsoluteUri + nothing, TestContext.Current.CancellationToken)).StatusCode);
        }

        // The same link shows the words, encoded; then its time ends it, and then its owner.
        var told = (await ShareAsync(api, customer, id, JsonSerializer.Serialize(new { words = true, expiresAt = clock.GetUtcNow().AddHours(1).ToString("O") }))).Expect(200).Data.GetProperty("share");
        Assert.Equal(link.AbsoluteUri, told.GetProperty("url").GetString());
        Assert.Contains("A fox &lt;b&gt;&amp;&quot;&#x27;", (await PageAsync(http, link, 200)).Text, StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromHours(2));
        var (gone, _) = await PageAsync(http, link, 404);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(picture, TestContext.Current.CancellationToken)).StatusCode);
        Assert.False((await api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200).Data.TryGetProperty("share", out _));
        (await ShareAsync(api, customer, id, """{"words":true}""")).Expect(200);
        await PageAsync(http, link, 200);
        (await UnshareAsync(api, customer, id)).Expect(200);
        Assert.Equal(gone, (await PageAsync(http, link, 404)).Text);
        Assert.Equal(gone, (await PageAsync(http, new Uri(link, new string('a', 32)), 404)).Text);
        Assert.Equal(gone, (await PageAsync(http, new Uri(link, "x"), 404)).Text);

        var other = new Uri((await ShareAsync(api, customer, id, """{"words":true}""")).Expect(200).Data.GetProperty("share").GetProperty("url").GetString()!);
        Assert.NotEqual(link, other);
        (await api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}/result", customer.Key)).Expect(200);
        Assert.Equal(gone, (await PageAsync(http, other, 404)).Text);
        Assert.Equal((404, "NO_RESULT"), Short(await ShareAsync(api, customer, id, """{"words":true}""")));
        var log = await api.OperateAsync(HttpMethod.Get, $"/admin/v1/audit?accountId={customer.AccountId}&action=task.");
        Assert.DoesNotContain(link.AbsolutePath[3..], log.Expect(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_prompt_becomes_a_part_of_the_page()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        using var http = new HttpClient();
        foreach (var prompt in new[]
        {
            "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onload='alert(1)", "</title><svg onload=alert(1)>", "javascript:alert(1)", "{{constructor.constructor('alert(1)')()}}",
            "<!-- --><style>*{display:none}</style>", "\u2028</p><iframe src=//evil.example>", "&lt;script&gt;", "<meta http-equiv=refresh content=0;url=//evil.example>", new string('<', 200), "\" poster=\"//evil.example\"",
        })
        {
            var id = await MakeAsync(zoetrope.Api, customer, prompt, Image);
            var link = (await ShareAsync(zoetrope.Api, customer, id, """{"words":true}""")).Expect(200).Data.GetProperty("share").GetProperty("url").GetString()!;
            var (page, _) = await PageAsync(http, new Uri(link), 200);
            Assert.Empty(Tags(page).Except(Known));
            Assert.Equal(2, Regex.Count(page, "<img "));
            Assert.DoesNotMatch(@"<[^>]*\son\w+\s*=", Regex.Replace(page, "\"[^\"]*\"", "\"\""));
            Assert.Contains($"<p>{prompt}</p>", Regex.Matches(page, "<p>[^<]*</p>").Select(match => WebUtility.HtmlDecode(match.Value)));
        }

        static IEnumerable<string> Tags(string page) => Regex.Matches(page, "<([a-z]+)[ >]").Select(match => match.Groups[1].Value);
    }

    [Fact]
    public async Task A_video_is_shown_with_its_poster()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        using var http = new HttpClient();
        var id = await MakeAsync(zoetrope.Api, customer, "A running fox", "seedance-2-0-text-to-video");
        var link = (await ShareAsync(zoetrope.Api, customer, id, """{"words":true}""")).Expect(200).Data.GetProperty("share").GetProperty("url").GetString()!;
        var (page, headers) = await PageAsync(http, new Uri(link), 200);
        Assert.Contains("media-src 'self'", headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("<video controls", page, StringComparison.Ordinal);
        foreach (var (path, type) in new[] { ("/0", "video/mp4"), ("/0/poster", "image/") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, link + path);
            request.Headers.Range = new(0, 9);
            using var file = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.PartialContent, file.StatusCode);
            Assert.StartsWith(type, file.Content.Headers.ContentType!.MediaType, StringComparison.Ordinal);
        }
    }

    private static async Task<string> MakeAsync(ZoetropeApi api, Customer customer, string prompt, string model)
    {
        var id = (await api.GenerateAsync(customer, new { model, prompt })).Expect(200).Data.GetProperty("id").GetString()!;
        await api.WaitAsync(customer, id);
        return id;
    }

    private static Task<Reply> ShareAsync(ZoetropeApi api, Customer customer, string id, string body) =>
        api.SendAsync(HttpMethod.Post, $"/api/v1/tasks/{id}/share", customer.Key, body);

    private static Task<Reply> UnshareAsync(ZoetropeApi api, Customer customer, string id) =>
        api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}/share", customer.Key);

    private static async Task<(string Text, System.Net.Http.Headers.HttpResponseHeaders Headers)> PageAsync(HttpClient http, Uri link, int status)
    {
        using var answer = await http.GetAsync(link, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
        return (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Headers);
    }

    private static (int, string?) Short(Reply reply) => (reply.Status, reply.Code);
}

public sealed class SqliteShareTests : ShareConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresShareTests : ShareConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
