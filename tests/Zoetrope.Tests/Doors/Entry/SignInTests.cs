using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Entry;

/// <summary>Proving who one is: what is asked, what is told, and what is never told or written down.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private readonly MovedClock _clock = new();
    private TestZoetrope _zoetrope = null!;
    private TestBrowser _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { Time = _clock });
        _owner = await TestBrowser.OperatorAsync(_zoetrope);
    }

    public ValueTask DisposeAsync() => _zoetrope.DisposeAsync();

    [Fact]
    public async Task A_name_that_nobody_has_is_answered_like_a_wrong_password_and_counted_like_one()
    {
        var known = new TestBrowser(_zoetrope);
        var unknown = new TestBrowser(_zoetrope) { Email = "nobody@example.com" };
        for (var i = 0; i < SignInAttempts.PerName; i++)
        {
            var (wrong, missing) = (await known.SignInAsync(new { password = "wrong" }), await unknown.SignInAsync());
            Assert.Equal((401, "SIGN_IN_FAILED"), (wrong.Status, wrong.Code));
            Assert.Equal(wrong.Text, missing.Text);
        }

        var (late, lateUnknown) = (await known.SignInAsync(), await unknown.SignInAsync());
        Assert.Equal((429, "RATE_LIMITED"), (late.Status, late.Code));
        Assert.Equal(late.Text, lateUnknown.Text);
        Assert.NotNull(late.Headers.RetryAfter);

        // Whoever is signed in stays so, and later everybody may try again.
        (await _owner.GetAsync("/api/v1/session")).Expect(200);
        _clock.Advance(TimeSpan.FromMinutes(16));
        (await known.SignInAsync()).Expect(200);
    }

    [Fact]
    public async Task With_an_authenticator_app_a_password_is_not_enough_and_no_code_works_twice()
    {
        var secret = (await _owner.SendAsync(HttpMethod.Post, "/api/v1/person/authenticator")).Expect(200).Data.GetProperty("secret").GetString()!;
        Assert.Equal("SIGN_IN_FAILED", (await _owner.SendAsync(HttpMethod.Post, "/api/v1/person/authenticator/confirm", new { code = "000000" })).Code);
        var first = Code(secret);
        var codes = (await _owner.SendAsync(HttpMethod.Post, "/api/v1/person/authenticator/confirm", new { code = first })).Expect(200)
            .Data.GetProperty("codes").EnumerateArray().Select(code => code.GetString()!).ToList();
        Assert.Equal(10, codes.Distinct().Count());
        var browser = new TestBrowser(_zoetrope);

        Assert.Equal("CODE_NEEDED", (await browser.SignInAsync()).Code);
        Assert.Equal("SIGN_IN_FAILED", (await browser.SignInAsync(new { code = first })).Code);
        _clock.Advance(TimeSpan.FromSeconds(30));
        var next = Code(secret);
        (await browser.SignInAsync(new { code = next })).Expect(200);
        Assert.Equal("SIGN_IN_FAILED", (await browser.SignInAsync(new { code = next })).Code);
        (await browser.SignInAsync(new { recoveryCode = codes[3].ToUpperInvariant() })).Expect(200);
        Assert.Equal("SIGN_IN_FAILED", (await browser.SignInAsync(new { recoveryCode = codes[3] })).Code);
        Assert.Equal("SIGN_IN_FAILED", (await browser.SignInAsync(new { password = "wrong", recoveryCode = codes[4] })).Code);
        Assert.Equal(9, (await browser.GetAsync("/api/v1/session")).Data.GetProperty("person").GetProperty("recoveryCodesLeft").GetInt64());

        var renewed = (await browser.SendAsync(HttpMethod.Post, "/api/v1/person/recovery-codes")).Expect(200).Data.GetProperty("codes")[0].GetString();
        Assert.Equal("SIGN_IN_FAILED", (await browser.SignInAsync(new { recoveryCode = codes[5] })).Code);
        (await browser.SignInAsync(new { recoveryCode = renewed })).Expect(200);
        (await browser.SendAsync(HttpMethod.Delete, "/api/v1/person/authenticator")).Expect(200);
        (await browser.SignInAsync()).Expect(200);
    }

    [Fact]
    public async Task A_link_works_once_and_not_for_ever_and_what_is_entered_is_checked_first()
    {
        var url = (await _owner.SendAsync(HttpMethod.Post, "/api/v1/account/invitations", new { role = "member" })).Expect(200).Data.GetProperty("url").GetString()!;
        Assert.Matches(new Regex("^http://127.0.0.1:[0-9]+/invitation#[A-Za-z0-9_-]{43}$"), url);
        Assert.DoesNotContain("url", (await _owner.GetAsync("/api/v1/account/invitations")).Expect(200).Text, StringComparison.Ordinal);
        var token = url.Split('#')[1];
        var guest = new TestBrowser(_zoetrope) { Email = "grace@example.com" };
        Task<Reply> Accept(object body) => guest.SendAsync(HttpMethod.Post, "/api/v1/invitations/accept", body);

        foreach (var (body, code) in new (object, string)[]
        {
            (new { token, name = "G", email = "grace@example.com", password = "too short" }, "INVALID_PARAMETER"),
            (new { token, name = "G", email = "grace", password = TestBrowser.Password }, "INVALID_PARAMETER"),
            (new { token, name = "G", email = _owner.Email, password = "not the one of Ada" }, "SIGN_IN_FAILED"),
            (new { token, name = "A", email = _owner.Email, password = TestBrowser.Password }, "INVALID_OPERATION"),
            (new { token = token[..^1] + "_", name = "G", email = "grace@example.com", password = TestBrowser.Password }, "LINK_NOT_VALID"),
        })
        {
            var reply = await Accept(body);
            Assert.True(reply.Code == code, reply.Text);
            Assert.DoesNotContain("too short", reply.Text, StringComparison.Ordinal);
        }

        (await Accept(new { token, name = "G", email = " Grace@Example.com ", password = TestBrowser.Password })).Expect(200);
        Assert.Equal("LINK_NOT_VALID", (await Accept(new { token, name = "H", email = "h@example.com", password = TestBrowser.Password })).Code);
        (await new TestBrowser(_zoetrope) { Email = "GRACE@example.com" }.SignInAsync()).Expect(200);

        var late = (await _owner.SendAsync(HttpMethod.Post, "/api/v1/account/invitations", new { role = "viewer" })).Expect(200).Data;
        (await _owner.SendAsync(HttpMethod.Delete, $"/api/v1/account/invitations/{late.GetProperty("id").GetString()}")).Expect(200);
        Assert.Equal("LINK_NOT_VALID", (await Accept(new { token = late.GetProperty("url").GetString()!.Split('#')[1], name = "H", email = "h@example.com", password = TestBrowser.Password })).Code);
    }

    [Fact]
    public async Task Another_accounts_people_and_links_are_as_unknown_as_those_that_never_were()
    {
        var member = await _owner.InviteAsync("viewer", "grace@example.com");
        var invitation = (await _owner.SendAsync(HttpMethod.Post, "/api/v1/account/invitations", new { role = "viewer" })).Expect(200).Data.GetProperty("id").GetString()!;
        var session = (await member.GetAsync("/api/v1/session")).Expect(200).Data.GetProperty("sessionId").GetString()!;
        var stranger = await TestBrowser.OperatorAsync(_zoetrope, "eve@example.com");
        var elsewhere = (await _zoetrope.Api.OperateAsync(HttpMethod.Post, "/admin/v1/accounts", new { name = "Elsewhere", plan = "pro" })).Expect(200).Data.GetProperty("id").GetString()!;
        await _zoetrope.Services.GetRequiredService<Database>().InTransactionAsync(async tx =>
        {
            await _zoetrope.Services.GetRequiredService<Memberships>().AddAsync(tx, elsewhere, stranger.PersonId, "owner");
        });
        (await stranger.SendAsync(HttpMethod.Patch, "/api/v1/session", new { accountId = elsewhere })).Expect(200);
        Assert.Single((await stranger.GetAsync("/api/v1/account/members")).Expect(200).Data.GetProperty("members").EnumerateArray());

        foreach (var (method, path, id) in new (HttpMethod, string, string)[]
        {
            (HttpMethod.Patch, "/api/v1/account/members/{0}", member.PersonId),
            (HttpMethod.Delete, "/api/v1/account/members/{0}", member.PersonId),
            (HttpMethod.Delete, "/api/v1/account/invitations/{0}", invitation),
            (HttpMethod.Delete, "/api/v1/sessions/{0}", session),
        })
        {
            object? body = method == HttpMethod.Patch ? new { role = "viewer" } : null;
            var foreign = await stranger.SendAsync(method, string.Format(System.Globalization.CultureInfo.InvariantCulture, path, id), body);
            var missing = await stranger.SendAsync(method, string.Format(System.Globalization.CultureInfo.InvariantCulture, path, id[..^1] + "!"), body);
            Assert.Equal((404, missing.Text), (foreign.Status, foreign.Text));
        }

        Assert.Equal("ACCOUNT_NOT_FOUND", (await member.SendAsync(HttpMethod.Patch, "/api/v1/session", new { accountId = elsewhere })).Code);
        (await member.GetAsync("/api/v1/session")).Expect(200);
    }

    private string Code(string secret) => Totp.CodeAt(Base32.Bytes(secret), _clock.GetUtcNow());
}
