using System.Security.Cryptography;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Artifacts;

/// <summary>Where an upload goes and where it is then read.</summary>
/// <param name="UploadUrl">Takes one <c>PUT</c> with the signed Content-Type and no API key.</param>
/// <param name="PublicUrl">An input reference, and readable by whoever has it.</param>
/// <param name="Key">The upload's unguessable name.</param>
/// <param name="ExpiresAt">When the file and its public URL end; the upload URL ends earlier, by its own <c>exp</c>.</param>
internal sealed record UploadTicket(Uri UploadUrl, Uri PublicUrl, string Key, DateTimeOffset ExpiresAt);

/// <summary>Presigned uploads: a row promises the key, one PUT fills it.</summary>
internal sealed class Uploads(
    Database database, ArtifactRecords records, UploadBytes bytes, SignedUrls urls, ArtifactOptions options, TimeProvider time)
{
    private const string KeyPrefix = "upl_";
    private const string KeyAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int KeyDigits = 32;

    public async Task<Outcome<UploadTicket>> CreateAsync(string accountId, KeyMode mode, string? contentType, long? sizeBytes)
    {
        if (string.IsNullOrEmpty(contentType))
        {
            return Problems.MissingParameter.With("contentType is required.", "contentType", allowed: UploadTypes.AllText);
        }

        if (!UploadTypes.All.Contains(contentType))
        {
            return Problems.InvalidParameter.With(
                "Files of this contentType cannot be uploaded.", "contentType", Shorten(contentType), UploadTypes.AllText);
        }

        if (sizeBytes <= 0)
        {
            return Problems.InvalidParameter.With("sizeBytes must be positive.", "sizeBytes", $"{sizeBytes}", "1 or more");
        }

        if (sizeBytes > UploadTypes.MaxBytes(contentType))
        {
            return Problems.InputTooLarge.With(
                $"A file of type {contentType} may be at most {UploadTypes.LimitText(contentType)}.", "sizeBytes", $"{sizeBytes}", UploadTypes.LimitText(contentType));
        }

        var now = time.GetUtcNow();
        var key = KeyPrefix + RandomNumberGenerator.GetString(KeyAlphabet, KeyDigits);
        var expiresAt = now.AddDays(options.UploadRetentionDays);
        await database.InTransactionAsync(tx => tx.ExecuteAsync(
            """
            insert into uploads (key, account_id, mode, content_type, max_bytes, created_at, expires_at)
            values (@Key, @AccountId, @Mode, @ContentType, @MaxBytes, @CreatedAt, @ExpiresAt)
            """,
            new
            {
                Key = key,
                AccountId = accountId,
                Mode = (long)mode,
                ContentType = contentType,
                MaxBytes = sizeBytes ?? UploadTypes.MaxBytes(contentType),
                CreatedAt = now.ToUnixTimeMilliseconds(),
                ExpiresAt = expiresAt.ToUnixTimeMilliseconds(),
            }));
        return new UploadTicket(urls.ForUpload(key, now + options.UploadUrlLifetime), PublicUrl(key), key, expiresAt);
    }

    /// <summary>Takes the bytes of a PUT whose URL signature was verified.</summary>
    public async Task<Outcome<Artifact>> ReceiveAsync(string key, string? contentType, Stream body, CancellationToken cancellationToken)
    {
        if (await FindAsync(key) is not { } upload)
        {
            return Problems.FileNotFound.With("This upload does not exist or has expired. Create a new one.");
        }

        if (!string.Equals(contentType, upload.ContentType, StringComparison.OrdinalIgnoreCase))
        {
            return Problems.UnsupportedMediaType.With(
                "The Content-Type differs from the one that the upload was created with.", "Content-Type", Shorten(contentType ?? ""), upload.ContentType);
        }

        var taken = await bytes.TakeAsync(body, upload.ContentType, upload.MaxBytes, cancellationToken);
        return taken.Failed(out var problem, out var probe) ? problem : await CommitAsync(upload, probe);
    }

    /// <summary>The file behind a public upload URL. The key has 160 random bits: knowing it is the permission.</summary>
    public async Task<Artifact?> FindPublicAsync(string key) =>
        await FindAsync(key) is { ArtifactId: { } id } upload ? await records.FindAsync(upload.AccountId, id) : null;

    /// <summary>The file of the account's own upload, for its use as an input.</summary>
    public async Task<Artifact?> FindOwnAsync(string accountId, string key) =>
        await FindAsync(key) is { ArtifactId: { } id } upload && upload.AccountId == accountId
            ? await records.FindAsync(accountId, id)
            : null;

    /// <summary>Forgets some expired uploads; their artifacts expire by themselves.</summary>
    public Task<int> ForgetExpiredAsync(int limit) => database.InTransactionAsync(tx => tx.ExecuteAsync(
        "delete from uploads where key in (select key from uploads where expires_at <= @Now limit @Limit)",
        new { Now = time.GetUtcNow().ToUnixTimeMilliseconds(), Limit = limit }));

    public Uri PublicUrl(string key) => new(options.PublicUrl.AbsoluteUri.TrimEnd('/') + "/files/" + key);

    // The first PUT fills the key; a repeat with the same bytes finds it filled with them.
    private async Task<Outcome<Artifact>> CommitAsync(Upload upload, MediaProbe probe)
    {
        var artifact = records.New(
            upload.AccountId, (KeyMode)upload.Mode, ArtifactRole.Upload, probe, DateTimeOffset.FromUnixTimeMilliseconds(upload.ExpiresAt));
        var filled = await database.InTransactionAsync(async tx =>
        {
            if (await tx.ExecuteAsync("update uploads set artifact_id = @Id where key = @Key and artifact_id is null", new { artifact.Id, upload.Key }) == 0)
            {
                return false;
            }

            await ArtifactRecords.InsertAsync(tx, artifact);
            return true;
        });
        if (filled)
        {
            return artifact;
        }

        return await FindPublicAsync(upload.Key) is { } first && first.Probe.Sha256 == probe.Sha256
            ? first
            : Problems.InvalidOperation.With("This upload already holds a different file. Create a new upload.");
    }

    private async Task<Upload?> FindAsync(string key)
    {
        var isKey = key.Length == KeyPrefix.Length + KeyDigits && key.StartsWith(KeyPrefix, StringComparison.Ordinal)
            && !key.AsSpan(KeyPrefix.Length).ContainsAnyExcept(KeyAlphabet);
        return !isKey
            ? null
            : await database.ReadAsync(async session => await session.FirstOrDefaultAsync<Upload>(
                "select key, account_id, mode, content_type, max_bytes, artifact_id, expires_at from uploads where key = "
                + "@Key and expires_at > @Now",
                new { Key = key, Now = time.GetUtcNow().ToUnixTimeMilliseconds() }));
    }

    private static string Shorten(string text) => text.Length > 100 ? text[..100] + "…" : text;

    private sealed class Upload
    {
        public string Key { get; init; } = "";

        public string AccountId { get; init; } = "";

        public long Mode { get; init; }

        public string ContentType { get; init; } = "";

        public long MaxBytes { get; init; }

        public string? ArtifactId { get; init; }

        public long ExpiresAt { get; init; }
    }
}
