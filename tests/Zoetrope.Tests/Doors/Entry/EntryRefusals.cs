using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Entry;

/// <summary>How each refusal of the door of people is reached.</summary>
internal static class EntryRefusals
{
    public static async Task<Reply> ReachAsync(TestZoetrope zoetrope, string code)
    {
        var browser = new TestBrowser(zoetrope);
        switch (code)
        {
            case "SIGNED_OUT":
                return await browser.GetAsync("/api/v1/session");
            case "SIGN_IN_FAILED":
                return await browser.SignInAsync();
            case "LINK_NOT_VALID":
                return await browser.SendAsync(HttpMethod.Post, "/api/v1/welcome", new { token = "made up", name = "A", email = "a@example.com", password = TestBrowser.Password });
        }

        var person = await TestBrowser.OperatorAsync(zoetrope, $"{code.ToLowerInvariant()}@example.com");
        switch (code)
        {
            case "CODE_NEEDED":
                await ChangeAsync(zoetrope, "update people set totp_sealed = hash from welcome_links where email = @email", person);
                return await person.SignInAsync();
            case "PROOF_NEEDED":
                await ChangeAsync(zoetrope, "update sessions set proved_at = 1 where @email <> ''", person);
                return await person.SendAsync(HttpMethod.Post, "/api/v1/person/recovery-codes");
            case "CROSS_SITE":
                return await person.SendAsync(HttpMethod.Delete, "/api/v1/session", null, ("X-Zoetrope-Studio", null));
            default:
                return await person.SendAsync(HttpMethod.Delete, "/api/v1/sessions/nothing");
        }
    }

    // Before the session's first use: what was read is remembered for a second.
    private static Task ChangeAsync(TestZoetrope zoetrope, string sql, TestBrowser person) =>
        zoetrope.Services.GetRequiredService<Database>().InTransactionAsync(tx => tx.ExecuteAsync(sql, new { email = person.Email }));
}
