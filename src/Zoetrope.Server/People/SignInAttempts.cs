using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>
/// Attempts to prove who one is, counted over all nodes by name and by address before anything is compared. A name that nobody has
/// is counted like any other, so a refusal tells nothing. What succeeds takes its count back.
/// </summary>
internal sealed class SignInAttempts(Database database, TimeProvider time)
{
    public const int PerName = 10;
    public const int PerAddress = 60;
    public const int MailsPerAccount = 20;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(15);

    private long Current => time.GetUtcNow().UtcTicks / Period.Ticks;

    private TimeSpan Left => TimeSpan.FromTicks(Period.Ticks - (time.GetUtcNow().UtcTicks % Period.Ticks));

    /// <summary>Counts one; the refusal where there were too many.</summary>
    public async Task<Problem?> CountAsync(string name, IPAddress? address)
    {
        var (period, left) = (Current, Left);
        var counts = await database.InTransactionAsync(async tx =>
        (
            Name: await CountAsync(tx, NameKey(name), period, PerName),
            Address: await CountAsync(tx, AddressKey(address), period, PerAddress)));
        return counts.Name <= PerName && counts.Address <= PerAddress
            ? null
            : Problems.RateLimited.With(
                counts.Name > PerName
                    ? $"There were too many attempts with this name. Wait {Math.Ceiling(left.TotalMinutes)} minutes, or use a passkey."
                    : $"There were too many attempts from this address. Wait {Math.Ceiling(left.TotalMinutes)} minutes.") with
            {
                RetryAfter = left,
            };
    }

    /// <summary>Counts a mail that an account sends to a stranger; the refusal where there were too many.</summary>
    public async Task<Problem?> CountMailAsync(string accountId)
    {
        var (period, left) = (Current, Left);
        return await database.InTransactionAsync(tx => CountAsync(tx, MailKey(accountId), period, MailsPerAccount)) <= MailsPerAccount
            ? null
            : Problems.RateLimited.With(
                $"This account sends {MailsPerAccount} mails in a quarter of an hour at most. Wait {Math.Ceiling(left.TotalMinutes)} "
                + "minutes, or leave email out and send the links yourself.") with
            {
                RetryAfter = left,
            };
    }

    /// <summary>It succeeded.</summary>
    public Task ForgiveAsync(string name, IPAddress? address)
    {
        var period = Current;
        return database.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(
                "delete from sign_in_attempts where subject = @subject and period = @period", new { subject = NameKey(name), period });
            await tx.ExecuteAsync(
                "update sign_in_attempts set attempts = attempts - 1 where subject = @subject and period = @period and attempts > 0",
                new { subject = AddressKey(address), period });
        });
    }

    /// <summary>The counts of earlier periods decide nothing any more.</summary>
    public Task<int> DeleteOldAsync() => database.InTransactionAsync(tx =>
        tx.ExecuteAsync("delete from sign_in_attempts where period < @period", new { period = Current - 1 }));

    // Once it is over the limit it is no longer written: whoever floods costs a read.
    private static async Task<long> CountAsync(Tx tx, byte[] subject, long period, int most)
    {
        var before = await tx.ScalarAsync<long?>(
            "select attempts from sign_in_attempts where subject = @subject and period = @period", new { subject, period }) ?? 0;
        return before > most
            ? before
            : await tx.ScalarAsync<long>(
                """
                insert into sign_in_attempts (subject, period, attempts) values (@subject, @period, 1)
                on conflict (subject, period) do update set attempts = sign_in_attempts.attempts + 1
                returning attempts
                """,
                new { subject, period });
    }

    private static byte[] NameKey(string name) => Key("name " + name);

    private static byte[] MailKey(string accountId) => Key("mail of " + accountId);

    private static byte[] Key(string subject) => SHA256.HashData(Encoding.UTF8.GetBytes(subject));

    // An IPv6 customer owns a whole /64.
    private static byte[] AddressKey(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address ?? IPAddress.None;
        var bytes = plain.GetAddressBytes();
        return SHA256.HashData([.. "from "u8, .. bytes.AsSpan(0, plain.AddressFamily is AddressFamily.InterNetworkV6 ? 8 : bytes.Length)]);
    }
}
