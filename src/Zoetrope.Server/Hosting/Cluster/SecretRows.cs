using System.Security.Cryptography;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>A row of <c>secrets</c>.</summary>
internal sealed class SecretRow
{
    public string Name { get; init; } = "";

    /// <summary>What signs; null where only its fingerprint is known.</summary>
    public byte[]? Sealed { get; init; }

    public string Print { get; init; } = "";

    public long CreatedAt { get; init; }

    /// <summary>Its successor, which is accepted already.</summary>
    public byte[]? NextSealed { get; init; }

    public long? NextAt { get; init; }

    /// <summary>Its predecessor, which is accepted until what it signed has died.</summary>
    public byte[]? PreviousSealed { get; init; }

    public long? PreviousUntil { get; init; }
}

/// <summary>
/// The SQL of <c>secrets</c>. A change comes in two steps: every node accepts the successor before any signs with it, so that no node
/// refuses what another has just signed.
/// </summary>
internal sealed class SecretRows(Database database, TimeProvider time)
{
    /// <summary>Three times as long as a node takes to notice.</summary>
    public static readonly TimeSpan ToNotice = TimeSpan.FromSeconds(90);

    private const string Columns = "name, sealed, print, created_at, next_sealed, next_at, previous_sealed, previous_until";

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<SecretRow?> FindAsync(string name) => database.ReadAsync(async session => await session.FirstOrDefaultAsync<SecretRow>(
        $"select {Columns} from secrets where name = @name", new { name = SecretFiles.FileNameOf(name) })).AsTask();

    public Task<List<SecretRow>> ListAsync() => database.ReadAsync(async session => await session.QueryAsync<SecretRow>(
        $"select {Columns} from secrets order by name")).AsTask();

    /// <summary>Makes it the database's, unless it has one.</summary>
    public Task OfferAsync(string name, byte[] secret, byte[]? masterKey) =>
        database.InTransactionAsync(tx => OfferAsync(tx, name, secret, masterKey));

    public Task OfferAsync(Tx tx, string name, byte[] secret, byte[]? masterKey) => tx.ExecuteAsync(
        "insert into secrets (name, sealed, print, created_at) values (@name, @whole, @print, @now) on conflict do nothing",
        new { name = SecretFiles.FileNameOf(name), whole = masterKey is null ? null : Seal(masterKey, name, secret), print = PrintOf(secret), now = Now });

    /// <summary>What an earlier one signed is still good.</summary>
    public Task KeepPreviousAsync(Tx tx, Secret secret, byte[] previous, byte[] masterKey) => tx.ExecuteAsync(
        "update secrets set previous_sealed = @whole, previous_until = @until where name = @name and sealed is not null",
        new
        {
            name = SecretFiles.FileNameOf(secret.Name),
            whole = Seal(masterKey, secret.Name, previous),
            until = Now + (long)(secret.Overlap ?? default).TotalMilliseconds,
        });

    public Task SealAsync(string name, byte[] secret, byte[] masterKey) => database.InTransactionAsync(tx => tx.ExecuteAsync(
        "update secrets set sealed = @whole where name = @name and sealed is null",
        new { name = SecretFiles.FileNameOf(name), whole = Seal(masterKey, name, secret) }));

    /// <summary>What is due: the successor signs, and what nothing lives of any more is forgotten.</summary>
    public async Task AdvanceAsync(Secret secret)
    {
        var row = await FindAsync(secret.Name);
        if (row?.NextAt <= Now || row?.PreviousUntil <= Now)
        {
            await database.InTransactionAsync(async tx =>
            {
                var until = Now + (long)(secret.Overlap ?? default).TotalMilliseconds;
                var arguments = new { name = SecretFiles.FileNameOf(secret.Name), now = Now, until };
                await tx.ExecuteAsync(
                    "update secrets set previous_sealed = null, previous_until = null where name = @name and previous_until <= @now",
                    arguments);
                await tx.ExecuteAsync(
                    """
                    update secrets set previous_sealed = sealed, previous_until = @until, sealed = next_sealed, print = next_print,
                        created_at = @now, next_sealed = null, next_print = null, next_at = null
                    where name = @name and next_at <= @now
                    """,
                    arguments);
            });
        }
    }

    /// <summary>Prepares a successor; false while an earlier change is not over.</summary>
    public Task<bool> SucceedAsync(string name, byte[] secret, byte[] masterKey) => ChangeAsync(
        new AuditEntry(AuditEntry.OfServer, "secret.rotated", name) { After = new { revoked = false } },
        """
        update secrets set next_sealed = @whole, next_print = @print, next_at = @at
        where name = @name and sealed is not null and next_sealed is null and previous_sealed is null
        """,
        new
        {
            name = SecretFiles.FileNameOf(name),
            whole = Seal(masterKey, name, secret),
            print = PrintOf(secret),
            at = Now + (long)ToNotice.TotalMilliseconds,
        });

    /// <summary>Takes its place at once; what the old one signed is worth nothing.</summary>
    public Task<bool> ReplaceAsync(string name, byte[] secret, byte[] masterKey) => ChangeAsync(
        new AuditEntry(AuditEntry.OfServer, "secret.rotated", name) { After = new { revoked = true } },
        """
        update secrets set sealed = @whole, print = @print, created_at = @now, next_sealed = null, next_print = null, next_at = null,
            previous_sealed = null, previous_until = null
        where name = @name and sealed is not null
        """,
        new { name = SecretFiles.FileNameOf(name), whole = Seal(masterKey, name, secret), print = PrintOf(secret), now = Now });

    private Task<bool> ChangeAsync(AuditEntry entry, string sql, object arguments) => database.InTransactionAsync(async tx =>
    {
        if (await tx.ExecuteAsync(sql, arguments) == 0)
        {
            return false;
        }

        await WriteAsync(tx, entry);
        return true;
    });

    /// <summary>Only commands change secrets.</summary>
    public Task WriteAsync(Tx tx, AuditEntry entry) => AuditLog.AppendAsync(tx, Actor.CommandLine, entry, time.GetUtcNow());

    /// <summary>Seals all of them with another master key; returns how many.</summary>
    public Task<int> ResealAsync(byte[] old, byte[] masterKey) => database.InTransactionAsync(async tx =>
    {
        var rows = await tx.QueryAsync<SecretRow>($"select {Columns} from secrets where sealed is not null order by name for update");
        foreach (var row in rows)
        {
            var name = SecretFiles.SecretOf(row.Name);
            byte[]? Again(byte[]? whole) => whole is null ? null : Seal(masterKey, name, Open(old, name, whole));
            await tx.ExecuteAsync(
                "update secrets set sealed = @current, next_sealed = @next, previous_sealed = @previous where name = @name",
                new { name = row.Name, current = Again(row.Sealed), next = Again(row.NextSealed), previous = Again(row.PreviousSealed) });
        }

        await WriteAsync(tx, new AuditEntry(AuditEntry.OfServer, "secret.resealed", $"{rows.Count}"));
        return rows.Count;
    });

    // Of random bytes: nobody finds them by trying.
    public static string PrintOf(byte[] secret) => Convert.ToHexStringLower(SHA256.HashData(secret));

    /// <exception cref="StartException">It was sealed with another key.</exception>
    public static byte[] Open(byte[] masterKey, string name, byte[] whole) => SealedBytes.Open(masterKey, SecretFiles.FileNameOf(name), whole)
        ?? throw new StartException(
            "MASTER_KEY_WRONG",
            "The secrets of this database were sealed with another key than Zoetrope__Secrets__MasterKey. Set the one that "
            + "the other nodes have.",
            StartException.BadSettings);

    private static byte[] Seal(byte[] masterKey, string name, byte[] secret) => SealedBytes.Seal(masterKey, SecretFiles.FileNameOf(name), secret);
}
