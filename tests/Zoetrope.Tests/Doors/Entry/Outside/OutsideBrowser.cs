using System.Net;
using System.Text.RegularExpressions;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Entry.Outside;

/// <summary>A browser between our pages and the issuer: it keeps cookies, sends our forms and follows links and redirects by hand.</summary>
internal sealed class OutsideBrowser(TestZoetrope zoetrope, FakeIssuer issuer)
{
    public Dictionary<string, string> Cookies { get; init; } = [];

    public string? Session => Cookies.TryGetValue("zt", out var secret) ? $"zt={secret}" : null;

    private string Origin => zoetrope.Api.Address.GetLeftPart(UriPartial.Authority);

    /// <summary>The whole way: our form, the issuer, and back.</summary>
    public async Task<Reply> ComeAsync(string purpose = "come", string next = "", string token = "") =>
        await BackAsync(await ThereAsync(await BeginAsync(purpose, next, token)));

    public Task<Reply> BeginAsync(string purpose = "come", string next = "", string token = "") =>
        PostAsync("/sign-in/outside", ("purpose", purpose), ("next", next), ("token", token));

    /// <summary>To the issuer by the link of our page, and the address to which it sends the browser back.</summary>
    public async Task<string> ThereAsync(Reply page)
    {
        var link = WebUtility.HtmlDecode(Regex.Match(page.Expect(200).Text, "<a href=\"(http[^\"]*/authorize[^\"]*)\"").Groups[1].Value);
        Assert.StartsWith(issuer.Address, link, StringComparison.Ordinal);
        Assert.Equal($"0;url={link}", page.Headers.GetValues("Refresh").Single());
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var answer = await http.GetAsync(new Uri(link));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location!.PathAndQuery;
    }

    public Task<Reply> BackAsync(string callback, TestZoetrope? node = null) => SendAsync(new HttpRequestMessage(HttpMethod.Get, callback), node);

    public Task<Reply> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<Reply> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        request.Headers.Add("Origin", Origin);
        return SendAsync(request);
    }

    private async Task<Reply> SendAsync(HttpRequestMessage request, TestZoetrope? node = null)
    {
        if (Cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        }

        var reply = await (node ?? zoetrope).Api.SendAsync(request);
        foreach (var set in reply.Headers.TryGetValues("Set-Cookie", out var sets) ? sets : [])
        {
            var pair = set.Split(';')[0].Split('=', 2);
            if (pair[1].Length == 0 || set.Contains("expires=Thu, 01 Jan 1970", StringComparison.OrdinalIgnoreCase))
            {
                Cookies.Remove(pair[0]);
            }
            else
            {
                Cookies[pair[0]] = pair[1];
            }
        }

        return reply;
    }
}
