namespace Zoetrope.Server.Artifacts;

/// <summary>Where an upload goes and where it is then read.</summary>
/// <param name="UploadUrl">Takes one <c>PUT</c> with the signed Content-Type and no API key.</param>
/// <param name="PublicUrl">An input reference, and readable by whoever has it.</param>
/// <param name="Key">The upload's unguessable name.</param>
/// <param name="ExpiresAt">When the file and its public URL end; the upload URL ends earlier, by its own <c>exp</c>.</param>
internal sealed record UploadTicket(Uri UploadUrl, Uri PublicUrl, string Key, DateTimeOffset ExpiresAt);

/// <summary>Presigned uploads: a row promises the key, one PUT fills it.</summary>
internal sealed class Uploads(
    UploadRecords uploads, ArtifactRecords records, UploadBytes bytes, SignedUrls urls, ArtifactOptions options)
{
    public async Task<Outcome<UploadTicket>> CreateAsync(string accountId, KeyMode mode, string? contentType, long? sizeBytes)
    {
        if (string.IsNullOrWhiteSpace(contentType))
        {
            return Problems.MissingParameter.With("contentType is required.", "contentType", allowed: UploadTypes.AllText);
        }

        if (UploadTypes.Find(contentType) is not { } type)
        {
            return Problems.InvalidParameter.With(
                "Files of this contentType cannot be uploaded.", "contentType", ShortText.Of(contentType), UploadTypes.AllText);
        }

        if (sizeBytes <= 0)
        {
            return Problems.InvalidParameter.With("sizeBytes must be positive.", "sizeBytes", $"{sizeBytes}", "1 or more");
        }

        var maxBytes = UploadTypes.MaxBytes(type);
        if (sizeBytes > maxBytes)
        {
            var limit = UploadTypes.LimitText(type);
            return Problems.InputTooLarge.With(
                $"A file of type {type} may be at most {limit}.", "sizeBytes", $"{sizeBytes}", limit);
        }

        var upload = await uploads.CreateAsync(accountId, mode, type, sizeBytes ?? maxBytes);
        var putUntil = DateTimeOffset.FromUnixTimeMilliseconds(upload.CreatedAt) + options.UploadUrlLifetime;
        return new UploadTicket(
            urls.ForUpload(upload.Key, putUntil),
            PublicUrl(upload.Key),
            upload.Key,
            DateTimeOffset.FromUnixTimeMilliseconds(upload.ExpiresAt));
    }

    /// <summary>Takes the bytes of a PUT whose URL signature was verified.</summary>
    public async Task<Outcome<Artifact>> ReceiveAsync(string key, string? contentType, Stream body, CancellationToken cancellationToken)
    {
        if (await uploads.FindAsync(key) is not { } upload)
        {
            return Problems.FileNotFound.With("This upload does not exist or has expired. Create a new one.");
        }

        if (UploadTypes.Find(contentType) != upload.ContentType)
        {
            return Problems.UnsupportedMediaType.With(
                "The Content-Type differs from the one that the upload was created with.",
                "Content-Type",
                ShortText.Of(contentType ?? ""),
                upload.ContentType);
        }

        var taken = await bytes.TakeAsync(body, upload, cancellationToken);
        return taken.Failed(out var problem, out var probe) ? problem : await CommitAsync(upload, probe);
    }

    /// <summary>The file behind a public upload URL. The key has 160 random bits: knowing it is the permission.</summary>
    public async Task<Artifact?> FindPublicAsync(string key) =>
        await uploads.FindAsync(key) is { ArtifactId: { } id } upload ? await records.FindAsync(upload.AccountId, id) : null;

    /// <summary>The file of the account's own upload, for its use as an input.</summary>
    public async Task<Artifact?> FindOwnAsync(string accountId, string key) =>
        await uploads.FindAsync(key) is { ArtifactId: { } id } upload && upload.AccountId == accountId
            ? await records.FindAsync(accountId, id)
            : null;

    public Uri PublicUrl(string key) => new(options.PublicUrl.AbsoluteUri.TrimEnd('/') + "/files/" + key);

    // The first PUT fills the key; a repeat with the same bytes finds it filled with them.
    private async Task<Outcome<Artifact>> CommitAsync(Upload upload, MediaProbe probe)
    {
        var artifact = records.New(
            upload.AccountId, (KeyMode)upload.Mode, ArtifactRole.Upload, probe, DateTimeOffset.FromUnixTimeMilliseconds(upload.ExpiresAt));
        if (await uploads.FillAsync(upload, artifact))
        {
            return artifact;
        }

        return await FindPublicAsync(upload.Key) is { } first && first.Probe.Sha256 == probe.Sha256
            ? first
            : Problems.InvalidOperation.With("This upload already holds a different file. Create a new upload.");
    }
}
