using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>Codes for the day on which the authenticator app is lost: each works once, and only hashes are kept.</summary>
internal static class RecoveryCodes
{
    public const int Count = 10;

    private const string Alphabet = "23456789abcdefghjkmnpqrstuvwxyz";
    private const int Half = 5;

    /// <summary>New ones, as they are shown once and as they are kept.</summary>
    public static (IReadOnlyList<string> Codes, IReadOnlyList<byte[]> Hashes) New(string personId)
    {
        string[] codes = [.. Enumerable.Range(0, Count).Select(static _ =>
            $"{RandomNumberGenerator.GetString(Alphabet, Half)}-{RandomNumberGenerator.GetString(Alphabet, Half)}")];
        return (codes, [.. codes.Select(code => Hash(personId, code))]);
    }

    /// <summary>Those of before no longer work.</summary>
    public static async Task ReplaceAsync(Tx tx, string personId, IReadOnlyList<byte[]> hashes)
    {
        await RemoveAsync(tx, personId);
        foreach (var hash in hashes)
        {
            await tx.ExecuteAsync("insert into recovery_codes (person_id, hash) values (@personId, @hash)", new { personId, hash });
        }
    }

    public static Task<int> RemoveAsync(Tx tx, string personId) =>
        tx.ExecuteAsync("delete from recovery_codes where person_id = @personId", new { personId });

    public static Task<long> LeftAsync(Session session, string personId) => session.ScalarAsync<long>(
        "select count(*) from recovery_codes where person_id = @personId and used_at is null", new { personId });

    public static async Task<bool> UseAsync(Database database, string personId, string code, DateTimeOffset now)
    {
        var hash = Hash(personId, code);
        return await database.InTransactionAsync(tx => tx.ExecuteAsync(
            "update recovery_codes set used_at = @now where person_id = @personId and hash = @hash and used_at is null",
            new { personId, hash, now = now.ToUnixTimeMilliseconds() })) == 1;
    }

    // 49 bits, salted with the person: a thief of the table would need a day for each, and half of what signs in.
    private static byte[] Hash(string personId, string code) => Rfc2898DeriveBytes.Pbkdf2(
        Encoding.UTF8.GetBytes(code.Trim().ToLowerInvariant()), Encoding.UTF8.GetBytes(personId), 10_000, HashAlgorithmName.SHA256, 32);
}
