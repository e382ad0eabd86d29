using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures;

/// <summary>A person's browser on the server's own pages: it keeps the session's cookie and sends what our pages send.</summary>
internal sealed class TestBrowser(TestZoetrope zoetrope)
{
    public const string Password = "correct horse battery staple";

    /// <summary>The cookie as it is sent; null while nobody is signed in.</summary>
    public string? Cookie { get; set; }

    /// <summary>What identifies the person, after they came in.</summary>
    public string PersonId { get; private set; } = "";

    public string AccountId { get; private set; } = "";

    public string Email { get; init; } = "ada@example.com";

    public string Mode { get; init; } = "test";

    private string Origin => zoetrope.Api.Address.GetLeftPart(UriPartial.Authority);

    /// <summary>The person who runs the server, an owner of the first account.</summary>
    public static async Task<TestBrowser> OperatorAsync(TestZoetrope zoetrope, string email = "ada@example.com")
    {
        var browser = new TestBrowser(zoetrope) { Email = email };
        var links = zoetrope.Services.GetRequiredService<WelcomeLinks>();
        var token = await zoetrope.Services.GetRequiredService<Database>().InTransactionAsync(links.MakeAsync);
        browser.Came((await browser.SendAsync(HttpMethod.Post, "/api/v1/welcome", new { token, name = "Ada", email = browser.Email, password = Password, accountName = "The studio" })).Expect(200));
        return browser;
    }

    /// <summary>Somebody whom this person invites into the account.</summary>
    public async Task<TestBrowser> InviteAsync(string role, string email, object? more = null)
    {
        var wanted = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        wanted["role"] = role;
        var url = (await SendAsync(HttpMethod.Post, "/api/v1/account/invitations", wanted)).Expect(200).Data.GetProperty("url").GetString()!;
        var guest = new TestBrowser(zoetrope) { Email = email };
        guest.Came((await guest.SendAsync(HttpMethod.Post, "/api/v1/invitations/accept", new { token = url.Split('#')[1], name = role, email, password = Password })).Expect(200));
        return guest;
    }

    public async Task<Reply> SignInAsync(object? more = null)
    {
        var wanted = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        wanted.TryAdd("email", Email);
        wanted.TryAdd("password", Password);
        var reply = await SendAsync(HttpMethod.Post, "/api/v1/session", wanted);
        if (reply.Status == 200)
        {
            Came(reply);
        }

        return reply;
    }

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Reply> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string? Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        var all = new Dictionary<string, string?> { ["Cookie"] = Cookie, ["X-Zoetrope-Mode"] = Mode, ["Sec-Fetch-Site"] = "same-origin" };
        if (method != HttpMethod.Get)
        {
            all["Origin"] = Origin;
            all["X-Zoetrope-Studio"] = "1";
        }

        foreach (var (name, value) in headers)
        {
            all[name] = value;
        }

        foreach (var (name, value) in all.Where(header => header.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        return zoetrope.Api.SendAsync(request);
    }

    public void Came(Reply reply)
    {
        Cookie = reply.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        PersonId = reply.Data.GetProperty("person").GetProperty("id").GetString()!;
        AccountId = reply.Data.GetProperty("membership").GetProperty("accountId").GetString()!;
    }
}
