using System.Text.RegularExpressions;
using Zoetrope.Server.People;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Entry;

/// <summary>Invitations by mail, where the operator has a mail server and where not.</summary>
public sealed partial class InvitationMailTests
{
    private const string Invitations = "/api/v1/account/invitations";

    [Fact]
    public async Task The_link_comes_by_mail_and_lets_its_reader_in()
    {
        await using var mails = new FakeMailServer();
        await using var zoetrope = await StartAsync(mails);
        var owner = await TestBrowser.OperatorAsync(zoetrope);

        var made = (await owner.SendAsync(HttpMethod.Post, Invitations, new { role = "member", email = "Bob@Example.com" })).Expect(200).Data;
        Assert.True(made.GetProperty("mailed").GetBoolean());
        var (to, mail) = Assert.Single(mails.Taken);
        Assert.Equal("bob@example.com", to);
        Assert.Contains("From: The studio <studio@example.com>", mail, StringComparison.Ordinal);
        var token = Link().Match(mail).Groups[1].Value;
        Assert.EndsWith("#" + token, made.GetProperty("url").GetString(), StringComparison.Ordinal);
        (await new TestBrowser(zoetrope).SendAsync(
            HttpMethod.Post, "/api/v1/invitations/accept", new { token, name = "Bob", email = "bob@example.com", password = TestBrowser.Password })).Expect(200);

        // It is said that a mail server refuses, and the link is there in any case.
        mails.Refuses = true;
        var refused = (await owner.SendAsync(HttpMethod.Post, Invitations, new { role = "viewer", email = "nobody@example.com" })).Expect(200).Data;
        Assert.False(refused.GetProperty("mailed").GetBoolean());
        Assert.Contains("/invitation#", refused.GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_one_plain_address_is_written_to()
    {
        await using var mails = new FakeMailServer();
        await using var zoetrope = await StartAsync(mails);
        var owner = await TestBrowser.OperatorAsync(zoetrope);
        foreach (var address in new[]
        {
            "bob@example.com\r\nBcc: eve@example.com", "bob@example.com, eve@example.com", "Bob <bob@example.com>", "bob@example.com;eve@example.com",
            "bob", "bob@ex ample.com", "<bob@example.com>", "bob(eve)@example.com",
        })
        {
            Assert.Equal("INVALID_PARAMETER", (await owner.SendAsync(HttpMethod.Post, Invitations, new { role = "member", email = address })).Code);
        }

        Assert.Empty(mails.Taken);
        Assert.Equal(0, (await owner.GetAsync(Invitations)).Expect(200).Data.GetProperty("invitations").GetArrayLength());
    }

    [Fact]
    public async Task An_account_floods_nobody()
    {
        await using var mails = new FakeMailServer();
        await using var zoetrope = await StartAsync(mails);
        var owner = await TestBrowser.OperatorAsync(zoetrope);
        for (var i = 0; i < SignInAttempts.MailsPerAccount; i++)
        {
            (await owner.SendAsync(HttpMethod.Post, Invitations, new { role = "member", email = $"person{i}@example.com" })).Expect(200);
        }

        var refused = await owner.SendAsync(HttpMethod.Post, Invitations, new { role = "member", email = "one.more@example.com" });
        Assert.Equal((429, "RATE_LIMITED"), (refused.Status, refused.Code));
        Assert.Equal(SignInAttempts.MailsPerAccount, mails.Taken.Count);
        (await owner.SendAsync(HttpMethod.Post, Invitations, new { role = "member" })).Expect(200);
    }

    [Fact]
    public async Task Without_a_mail_server_nothing_is_made_and_it_is_said_what_to_do()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        var owner = await TestBrowser.OperatorAsync(zoetrope);
        var refused = await owner.SendAsync(HttpMethod.Post, Invitations, new { role = "member", email = "bob@example.com" });
        Assert.Equal((409, "INVALID_OPERATION"), (refused.Status, refused.Code));
        Assert.Contains("This server sends no mail", refused.Text, StringComparison.Ordinal);
        Assert.Equal(0, (await owner.GetAsync(Invitations)).Expect(200).Data.GetProperty("invitations").GetArrayLength());
    }

    [Theory]
    [InlineData("Mail:From", "not an address")]
    [InlineData("Mail:Encryption", "None", "Mail:Username", "studio")]
    [InlineData("Mail:Port", "0")]
    public async Task Settings_that_cannot_work_are_refused_at_the_start(params string[] settings)
    {
        await using var mails = new FakeMailServer();
        var wrong = Settings(mails);
        for (var i = 0; i < settings.Length; i += 2)
        {
            wrong[settings[i]] = settings[i + 1];
        }

        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => TestZoetrope.StartAsync(new TestServer { Settings = wrong }));
        Assert.Contains("Mail", refusal.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Settings(FakeMailServer mails) => new()
    {
        ["Mail:Host"] = "127.0.0.1", ["Mail:Port"] = $"{mails.Port}", ["Mail:Encryption"] = "None", ["Mail:From"] = "The studio <studio@example.com>",
    };

    private static Task<TestZoetrope> StartAsync(FakeMailServer mails) => TestZoetrope.StartAsync(new TestServer { Settings = Settings(mails) });

    [GeneratedRegex(@"/invitation#([\w-]{43})")]
    private static partial Regex Link();
}
