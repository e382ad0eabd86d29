using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Zoetrope.Server;

/// <summary>Test keys reach only the sandbox and spend test credits; live keys reach only real providers.</summary>
internal enum KeyMode
{
    Test = 0,
    Live = 1,
}

internal enum MediaType
{
    Image,
    Video,
}

/// <summary>The words of these values, in SQL and on every wire.</summary>
internal static class ValueWords
{
    public static string Word(this MediaType media) => media is MediaType.Image ? "image" : "video";

    public static string Word(this KeyMode mode) => mode is KeyMode.Test ? "test" : "live";
}

/// <summary>
/// Prefixed, time-sortable identifiers: a prefix, then 26 lower-case Crockford base-32 digits of
/// 48 bits of milliseconds, a 16-bit sequence and 64 random bits. Sorting the text sorts by creation,
/// strictly within one process and to the millisecond between nodes, so a primary key of
/// (account, id) serves listings without a secondary index.
/// </summary>
internal static class Ids
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Digits = 26;
    private static long _last;

    public const string Generation = "task_";
    public const string Batch = "batch_";
    public const string Account = "acct_";
    public const string Budget = "budget_";
    public const string ApiKey = "key_";
    public const string Artifact = "art_";
    public const string Attempt = "att_";
    public const string Transfer = "txn_";
    public const string WebhookEndpoint = "whe_";
    public const string WebhookMessage = "msg_";
    public const string Person = "person_";
    public const string Passkey = "pass_";
    public const string Invitation = "inv_";
    public const string OutsideLogin = "login_";

    public static string New(string prefix, TimeProvider time) =>
        New(prefix, time.GetUtcNow().ToUnixTimeMilliseconds());

    public static string New(string prefix, long unixMilliseconds)
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        return Write(prefix, NextStamp(unixMilliseconds), BinaryPrimitives.ReadUInt64BigEndian(random));
    }

    /// <summary>The same, not hard to guess: for ids that protect nothing, where many are made.</summary>
    public static string NewPublic(string prefix, TimeProvider time) =>
        Write(prefix, NextStamp(time.GetUtcNow().ToUnixTimeMilliseconds()), (ulong)Random.Shared.NextInt64());

    /// <summary>The lowest id of a time: every id that was made before sorts before it.</summary>
    public static string First(string prefix, DateTimeOffset time) => Write(prefix, time.ToUnixTimeMilliseconds() << 16, tail: 0);

    /// <summary>When a valid id was made.</summary>
    public static DateTimeOffset TimeOf(string prefix, string id)
    {
        UInt128 value = 0;
        foreach (var digit in id.AsSpan(prefix.Length))
        {
            value = (value << 5) | (uint)Alphabet.IndexOf(digit, StringComparison.Ordinal);
        }

        return DateTimeOffset.FromUnixTimeMilliseconds((long)(ulong)(value >> 80));
    }

    private static string Write(string prefix, long stamp, ulong tail) =>
        string.Create(prefix.Length + Digits, (prefix, stamp, tail), static (text, state) =>
        {
            state.prefix.CopyTo(text);
            var value = ((UInt128)(ulong)state.stamp << 64) | state.tail;
            for (var i = text.Length - 1; i >= state.prefix.Length; i--)
            {
                text[i] = Alphabet[(int)(uint)(value & 31)];
                value >>= 5;
            }
        });

    /// <summary>Whether the text has the shape of an id of this kind; anything else never reaches the database.</summary>
    public static bool IsValid(string prefix, string? text)
    {
        if (text is null || text.Length != prefix.Length + Digits || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        return !text.AsSpan(prefix.Length).ContainsAnyExcept(Alphabet);
    }

    // The stamp is (milliseconds << 16) + sequence and never repeats or goes back in this process.
    private static long NextStamp(long unixMilliseconds)
    {
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(unixMilliseconds << 16, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return next;
            }
        }
    }
}
