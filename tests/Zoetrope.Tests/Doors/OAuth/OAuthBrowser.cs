using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Web;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OAuth;

/// <summary>A page or redirect as a browser sees it.</summary>
internal sealed record Page(int Status, string Html, Uri? Location, IReadOnlyDictionary<string, string> Headers)
{
    public IReadOnlyDictionary<string, string> Query
    {
        get
        {
            var query = HttpUtility.ParseQueryString(Location!.Query);
            return query.AllKeys.ToDictionary(key => key!, key => query[key]!);
        }
    }

    public IReadOnlyList<KeyValuePair<string, string>> Hidden =>
        [.. Regex.Matches(Html, "<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">").Select(match => KeyValuePair.Create(WebUtility.HtmlDecode(match.Groups[1].Value), WebUtility.HtmlDecode(match.Groups[2].Value)))];
}

/// <summary>An access and a refresh token, or the error.</summary>
internal sealed record TokenAnswer(int Status, JsonElement Json)
{
    public string Access => Json.GetProperty("access_token").GetString()!;

    public string Refresh => Json.GetProperty("refresh_token").GetString()!;

    public string? Error => Json.TryGetProperty("error", out var error) ? error.GetString() : null;
}

/// <summary>A person's browser and the program that sent them, over HTTP: cookies kept, redirects looked at and not followed.</summary>
internal sealed class OAuthBrowser : IDisposable
{
    public const string Redirect = "http://127.0.0.1:45678/callback";

    private readonly HttpClient _http;
    private readonly CookieContainer _cookies = new();

    public OAuthBrowser(Uri address) =>
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, CookieContainer = _cookies }) { BaseAddress = address };

    /// <summary>The same browser was used to sign in.</summary>
    public void SignIn(string cookie) => _cookies.SetCookies(_http.BaseAddress!, cookie);

    public string Verifier { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public string Challenge => System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    public string ClientId { get; private set; } = "";

    public async Task<(int Status, JsonElement Json)> RegisterAsync(object metadata, string path = "/oauth/register")
    {
        using var answer = await _http.PostAsync(path, new StringContent(JsonSerializer.Serialize(metadata), Encoding.UTF8, "application/json"));
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        if (answer.StatusCode == HttpStatusCode.Created)
        {
            ClientId = json.GetProperty("client_id").GetString()!;
        }

        return ((int)answer.StatusCode, json);
    }

    public Task RegisterAsync() => RegisterAsync(new { redirect_uris = new[] { Redirect }, client_name = "A test's program" });

    public Dictionary<string, string?> Request(string? resource = null, string? scope = null) => new()
    {
        ["client_id"] = ClientId,
        ["redirect_uri"] = Redirect,
        ["response_type"] = "code",
        ["state"] = "the state & more",
        ["code_challenge"] = Challenge,
        ["code_challenge_method"] = "S256",
        ["resource"] = resource,
        ["scope"] = scope,
    };

    public Task<Page> OpenAsync(IReadOnlyDictionary<string, string?> request, string path = "/oauth/authorize") => SendAsync(new HttpRequestMessage(HttpMethod.Get,
        path + "?" + string.Join('&', request.Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"))));

    /// <summary>Sends the page's form with what the person wrote.</summary>
    public Task<Page> DecideAsync(Page page, string decision, string? key, string spendPerDay = "", string askAbove = "", params (string Name, string Value)[] headers)
    {
        var fields = page.Hidden.ToList();
        fields.AddRange([new("decision", decision), new("spend_per_day", spendPerDay), new("ask_above", askAbove)]);
        if (key is not null)
        {
            fields.Add(new("password", key));
        }

        return PostAsync(fields, headers);
    }

    public Task<Page> PostAsync(IEnumerable<KeyValuePair<string, string>> fields, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/authorize") { Content = new FormUrlEncodedContent(fields) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return SendAsync(request);
    }

    /// <summary>From the page to a code.</summary>
    public async Task<string> AllowAsync(string key, string? resource = null, string spendPerDay = "", string askAbove = "", string? scope = null)
    {
        var allowed = await DecideAsync(await OpenAsync(Request(resource, scope)), "allow", key, spendPerDay, askAbove);
        Assert.True(allowed.Status == 302, allowed.Html);
        Assert.Equal("the state & more", allowed.Query["state"]);
        return allowed.Query["code"];
    }

    public Task<TokenAnswer> ExchangeAsync(string code, string? verifier = null, string? redirect = null, string? resource = null, string path = "/oauth/token") => TokenAsync(path, new()
    {
        ["grant_type"] = "authorization_code",
        ["client_id"] = ClientId,
        ["code"] = code,
        ["redirect_uri"] = redirect ?? Redirect,
        ["code_verifier"] = verifier ?? Verifier,
        ["resource"] = resource,
    });

    public Task<TokenAnswer> RefreshAsync(string token, string? clientId = null) =>
        TokenAsync("/oauth/token", new() { ["grant_type"] = "refresh_token", ["client_id"] = clientId ?? ClientId, ["refresh_token"] = token });

    public async Task<int> RevokeAsync(string token)
    {
        using var answer = await _http.PostAsync("/oauth/revoke", new FormUrlEncodedContent(new Dictionary<string, string> { ["client_id"] = ClientId, ["token"] = token }));
        return (int)answer.StatusCode;
    }

    /// <summary>All of it: a registered program with the tokens that a key's holder allowed it.</summary>
    public static async Task<(OAuthBrowser Browser, TokenAnswer Tokens)> ConnectAsync(ZoetropeApi api, string key, string? resource = null, string spendPerDay = "", string askAbove = "", string? scope = null)
    {
        var browser = new OAuthBrowser(api.Address);
        await browser.RegisterAsync();
        var tokens = await browser.ExchangeAsync(await browser.AllowAsync(key, resource, spendPerDay, askAbove, scope));
        Assert.True(tokens.Status == 200, tokens.Json.ToString());
        return (browser, tokens);
    }

    public void Dispose() => _http.Dispose();

    private async Task<TokenAnswer> TokenAsync(string path, Dictionary<string, string?> fields)
    {
        using var answer = await _http.PostAsync(path, new FormUrlEncodedContent(fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Key, field.Value!))));
        return new TokenAnswer((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    private async Task<Page> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var answer = await _http.SendAsync(request);
            return new Page(
                (int)answer.StatusCode,
                await answer.Content.ReadAsStringAsync(),
                answer.Headers.Location,
                answer.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase));
        }
    }
}
