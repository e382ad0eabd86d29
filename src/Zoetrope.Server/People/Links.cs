using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>
/// What stands behind the <c>#</c> of a link that lets somebody in: 256 random bits, kept as their hash. A fragment is not sent to any
/// server by itself, so no log of a proxy holds it.
/// </summary>
internal static class LinkToken
{
    public const int MaxLength = 100;

    public static string New() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token.Trim()));
}

/// <summary>The SQL of <c>welcome_links</c>: each makes one operator, and the first that is used ends the others.</summary>
internal sealed class WelcomeLinks(TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The token of a new link.</summary>
    public async Task<string> MakeAsync(Tx tx)
    {
        var token = LinkToken.New();
        await tx.ExecuteAsync(
            "insert into welcome_links (hash, created_at, expires_at) values (@hash, @now, @end)",
            new { hash = LinkToken.Hash(token), now = Now, end = Now + (long)Lifetime.TotalMilliseconds });
        return token;
    }

    /// <summary>False where it is none, was used, or is too old.</summary>
    public async Task<bool> UseAsync(Tx tx, string token) => await tx.ExecuteAsync(
        "update welcome_links set used_at = @now where hash = @hash and used_at is null and expires_at > @now",
        new { hash = LinkToken.Hash(token), now = Now }) == 1;

    /// <summary>In the transaction that used it: nothing came of it.</summary>
    public static Task<int> GiveBackAsync(Tx tx, string token) =>
        tx.ExecuteAsync("update welcome_links set used_at = null where hash = @hash", new { hash = LinkToken.Hash(token) });

    /// <summary>Those of earlier starts and commands that nobody used.</summary>
    public static Task<int> EndOthersAsync(Tx tx) => tx.ExecuteAsync("delete from welcome_links where used_at is null");
}
