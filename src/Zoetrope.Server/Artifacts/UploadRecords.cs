using System.Security.Cryptography;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Artifacts;

/// <summary>A row of <c>uploads</c>: a key that was promised, and the artifact once its bytes have arrived.</summary>
internal sealed class Upload
{
    public string Key { get; init; } = "";

    public string AccountId { get; init; } = "";

    public long Mode { get; init; }

    public string ContentType { get; init; } = "";

    public long MaxBytes { get; init; }

    public string? ArtifactId { get; init; }

    public long CreatedAt { get; init; }

    public long ExpiresAt { get; init; }
}

/// <summary>The uploads table. An expired row is not found.</summary>
internal sealed class UploadRecords(Database database, ArtifactOptions options, TimeProvider time)
{
    private const string KeyPrefix = "upl_";
    private const string KeyAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int KeyDigits = 32;

    public async Task<Upload> CreateAsync(string accountId, KeyMode mode, string contentType, long maxBytes)
    {
        var now = time.GetUtcNow();
        var upload = new Upload
        {
            Key = KeyPrefix + RandomNumberGenerator.GetString(KeyAlphabet, KeyDigits),
            AccountId = accountId,
            Mode = (long)mode,
            ContentType = contentType,
            MaxBytes = maxBytes,
            CreatedAt = now.ToUnixTimeMilliseconds(),
            ExpiresAt = now.AddDays(options.UploadRetentionDays).ToUnixTimeMilliseconds(),
        };
        await database.InTransactionAsync(tx => tx.ExecuteAsync(
            """
            insert into uploads (key, account_id, mode, content_type, max_bytes, created_at, expires_at)
            values (@Key, @AccountId, @Mode, @ContentType, @MaxBytes, @CreatedAt, @ExpiresAt)
            """,
            new
            {
                upload.Key,
                upload.AccountId,
                upload.Mode,
                upload.ContentType,
                upload.MaxBytes,
                upload.CreatedAt,
                upload.ExpiresAt,
            }));
        return upload;
    }

    public async Task<Upload?> FindAsync(string key)
    {
        var isKey = key.Length == KeyPrefix.Length + KeyDigits && key.StartsWith(KeyPrefix, StringComparison.Ordinal)
            && !key.AsSpan(KeyPrefix.Length).ContainsAnyExcept(KeyAlphabet);
        return !isKey
            ? null
            : await database.ReadAsync(async session => await session.FirstOrDefaultAsync<Upload>(
                """
                select key, account_id, mode, content_type, max_bytes, artifact_id, created_at, expires_at
                from uploads where key = @Key and expires_at > @Now
                """,
                new { Key = key, Now = time.GetUtcNow().ToUnixTimeMilliseconds() }));
    }

    /// <summary>Gives the upload its artifact; false if it has one already.</summary>
    public Task<bool> FillAsync(Upload upload, Artifact artifact) => database.InTransactionAsync(async tx =>
    {
        var filled = await tx.ExecuteAsync(
            "update uploads set artifact_id = @Id where key = @Key and artifact_id is null", new { artifact.Id, upload.Key });
        if (filled == 0)
        {
            return false;
        }

        await ArtifactRecords.InsertAsync(tx, artifact);
        return true;
    });

    /// <summary>Forgets some expired uploads; their artifacts expire by themselves.</summary>
    /// <returns>How many, and the keys of those whose bytes never became an artifact.</returns>
    public async Task<(int Forgotten, IReadOnlyList<string> Unused)> ForgetExpiredAsync(int limit)
    {
        var rows = await database.InTransactionAsync(tx => tx.QueryAsync<Upload>(
            """
            delete from uploads where key in (select key from uploads where expires_at <= @Now limit @Limit)
            returning key, artifact_id
            """,
            new { Now = time.GetUtcNow().ToUnixTimeMilliseconds(), Limit = limit }));
        return (rows.Count, [.. rows.Where(row => row.ArtifactId is null).Select(row => row.Key)]);
    }
}
