using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Entry;

/// <summary>The pages for people, as a browser without a script uses them, and what of it all is written down.</summary>
public sealed class EntryPageTests : IAsyncLifetime
{
    private readonly MovedClock _clock = new();
    private readonly HeardLog _log = new(LogLevel.Trace);
    private TestZoetrope _zoetrope = null!;

    private string Origin => _zoetrope.Api.Address.GetLeftPart(UriPartial.Authority);

    public async ValueTask InitializeAsync() => _zoetrope = await TestZoetrope.StartAsync(new TestServer
    {
        Time = _clock,
        Settings = new Dictionary<string, string?> { ["Logging:Level"] = "Trace" },
        Register = services => services.AddSingleton<ILoggerProvider>(_log).AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace)),
    });

    public async ValueTask DisposeAsync()
    {
        await _zoetrope.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task From_the_operators_link_to_signing_out_with_forms_alone_and_no_secret_in_any_line_of_the_log()
    {
        var links = _zoetrope.Services.GetRequiredService<WelcomeLinks>();
        var token = await _zoetrope.Services.GetRequiredService<Database>().InTransactionAsync(links.MakeAsync);
        var secrets = new List<string> { token, TestBrowser.Password, "another long password", "a wrong password" };
        (string, string)[] ada = [("token", token), ("accountName", "The studio"), ("name", "Ada <b>"), ("email", "ada@example.com"), ("password", TestBrowser.Password)];

        var empty = await PostAsync("/welcome", null, ("token", token), ("name", ""), ("email", "ada@example.com"), ("password", "short"));
        Assert.Contains("name must have 1 to 100 characters", empty.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"short\"", empty.Text, StringComparison.Ordinal);
        Assert.Equal(403, (await PostAsync("/welcome", null, origin: "https://evil.example", fields: ada)).Status);
        var came = await PostAsync("/welcome", null, ada);
        Assert.Equal((303, "/account/security"), (came.Status, came.Headers.Location?.OriginalString));
        var cookie = CookieOf(came);
        secrets.Add(cookie.Split('=')[1]);
        Assert.Equal(403, (await PostAsync("/welcome", null, ada)).Status);

        var page = (await GetAsync("/account/security", cookie)).Expect(200);
        Assert.Contains("Ada &lt;b&gt; (ada@example.com), owner of The studio", page.Text, StringComparison.Ordinal);
        Assert.Equal(403, (await PostAsync("/account/security", cookie, origin: "https://evil.example", fields: [("action", "offer")])).Status);
        Assert.Equal(403, (await PostAsync("/account/security", cookie, origin: null, fields: [("action", "sign-out")])).Status);
        var offer = (await PostAsync("/account/security", cookie, ("action", "offer"))).Expect(200);
        var secret = Regex.Match(offer.Text, "<code>([A-Z2-7]{32})</code>").Groups[1].Value;
        secrets.Add(secret);
        var wrong = await PostAsync("/account/security", cookie, ("action", "confirm"), ("first-code", "000000"));
        Assert.Equal(401, wrong.Status);
        var codes = (await PostAsync("/account/security", cookie, ("action", "confirm"), ("first-code", Code(secret)))).Expect(200);
        var recovery = Regex.Match(codes.Text, "<li>([2-9a-z]{5}-[2-9a-z]{5})</li>").Groups[1].Value;
        secrets.AddRange([recovery, Code(secret)]);

        _clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Contains("Prove that it is you first", (await PostAsync("/account/security", cookie, ("action", "codes"))).Text, StringComparison.Ordinal);
        Assert.Contains("Enter the code", (await PostAsync("/account/security", cookie, ("action", "prove"), ("password", TestBrowser.Password))).Text, StringComparison.Ordinal);
        (await PostAsync("/account/security", cookie, ("action", "prove"), ("password", TestBrowser.Password), ("code", Code(secret)))).Expect(200);
        (await PostAsync("/account/security", cookie, ("action", "password"), ("new-password", "another long password"))).Expect(200);
        Assert.Equal(303, (await PostAsync("/account/security", cookie, ("action", "sign-out"))).Status);
        Assert.Equal("/sign-in?next=/account/security", (await GetAsync("/account/security", cookie)).Headers.Location?.OriginalString);

        var refused = await PostAsync("/sign-in", null, ("email", "ada@example.com"), ("password", "a wrong password"), ("next", "//evil.example"));
        Assert.Equal(401, refused.Status);
        Assert.Contains("value=\"/account/security\"", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("a wrong password", refused.Text, StringComparison.Ordinal);
        var back = await PostAsync("/sign-in", null, ("email", "ada@example.com"), ("password", "another long password"), ("code", recovery), ("next", "/guides"));
        Assert.Equal((303, "/guides"), (back.Status, back.Headers.Location?.OriginalString));
        secrets.Add(CookieOf(back).Split('=')[1]);

        Assert.NotEmpty(_log.Lines);
        Assert.All(secrets, text => Assert.DoesNotContain(_log.Lines, line => line.Contains(text, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("/sign-in", 200)]
    [InlineData("/welcome", 200)]
    [InlineData("/invitation", 200)]
    [InlineData("/account/security", 200)]
    [InlineData("/sign-in?next=https://evil.example/", 200)]
    [InlineData("/sign-in?next=/%5Cevil.example", 200)]
    public async Task A_page_loads_nothing_from_elsewhere_and_runs_one_file_of_ours(string path, int status)
    {
        var browser = path.Contains("account", StringComparison.Ordinal) ? await TestBrowser.OperatorAsync(_zoetrope) : null;

        var page = (await GetAsync(path, browser?.Cookie)).Expect(status);

        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; style-src 'self'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch(new Regex(@"\sstyle=|<style|\son[a-z]+=|https?://|evil"), page.Text);
        Assert.Equal(["/entry.js"], Regex.Matches(page.Text, "<script src=\"([^\"]*)\"").Select(match => match.Groups[1].Value));
        var (labels, inputs) = (Regex.Matches(page.Text, "<label for=\"([^\"]*)\"").Select(match => match.Groups[1].Value), Regex.Matches(page.Text, "<input id=\"([^\"]*)\"").Select(match => match.Groups[1].Value).ToList());
        Assert.Equal(inputs, labels);
        Assert.Equal(inputs.Distinct(), inputs);
        Assert.Contains("no-store", page.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        (await GetAsync("/entry.css", null)).Expect(200);
        (await GetAsync("/entry.js", null)).Expect(200);
    }

    private static string CookieOf(Reply reply)
    {
        var set = reply.Headers.GetValues("Set-Cookie").Single();
        Assert.Matches(new Regex("^zt=[A-Za-z0-9_-]{43}; max-age=43200; path=/; samesite=lax; httponly$"), set);
        return set.Split(';')[0];
    }

    private Task<Reply> GetAsync(string path, string? cookie) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cookie, null);

    private Task<Reply> PostAsync(string path, string? cookie, params (string Name, string Value)[] fields) => PostAsync(path, cookie, Origin, fields);

    private Task<Reply> PostAsync(string path, string? cookie, string? origin, params (string Name, string Value)[] fields) => SendAsync(
        new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) }, cookie, origin);

    private Task<Reply> SendAsync(HttpRequestMessage request, string? cookie, string? origin)
    {
        foreach (var (name, value) in new[] { ("Cookie", cookie), ("Origin", origin) }.Where(header => header.Item2 is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _zoetrope.Api.SendAsync(request);
    }

    private string Code(string secret) => Totp.CodeAt(Base32.Bytes(secret), _clock.GetUtcNow());
}
