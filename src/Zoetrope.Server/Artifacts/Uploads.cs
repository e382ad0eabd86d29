using Zoetrope.Server.Artifacts.S3;

namespace Zoetrope.Server.Artifacts;

/// <summary>Where an upload goes and where it is then read.</summary>
/// <param name="UploadUrl">Takes one <c>PUT</c> with the signed Content-Type and no API key.</param>
/// <param name="PublicUrl">An input reference, and readable by whoever has it.</param>
/// <param name="Key">The upload's unguessable name.</param>
/// <param name="ExpiresAt">When the file and its public URL end; the upload URL ends earlier, by its own <c>exp</c>.</param>
internal sealed record UploadTicket(Uri UploadUrl, Uri PublicUrl, string Key, DateTimeOffset ExpiresAt);

/// <summary>Presigned uploads: a row promises the key, one PUT fills it.</summary>
internal sealed class Uploads(
    UploadRecords uploads, ArtifactRecords records, UploadBytes bytes, DirectUploads direct, ArtifactOptions options)
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
        return new UploadTicket(
            direct.UrlOf(upload, sizeBytes),
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
    public async Task<Artifact?> FindPublicAsync(string key, CancellationToken cancellationToken) =>
        await uploads.FindAsync(key) is { } upload && !(await FileOfAsync(upload, cancellationToken)).Failed(out _, out var file) ? file : null;

    /// <summary>The file of the account's own upload, for its use as an input; null where there is none, or why it cannot be used.</summary>
    public async Task<Outcome<Artifact?>> FindOwnAsync(string accountId, string key, CancellationToken cancellationToken) =>
        await uploads.FindAsync(key) is { } upload && upload.AccountId == accountId
            ? await FileOfAsync(upload, cancellationToken)
            : default(Artifact);

    public Uri PublicUrl(string key) => new(options.PublicUrl.AbsoluteUri.TrimEnd('/') + "/files/" + key);

    // What was put into the bucket is checked, like any upload, when somebody first asks for it.
    private async Task<Outcome<Artifact?>> FileOfAsync(Upload upload, CancellationToken cancellationToken)
    {
        if (upload.ArtifactId is { } id)
        {
            return await records.FindAsync(upload.AccountId, id);
        }

        await using var body = await direct.OpenAsync(upload, cancellationToken);
        if (body is null)
        {
            return default(Artifact);
        }

        var taken = await bytes.TakeAsync(body, upload, cancellationToken);
        if (taken.Failed(out var problem, out var probe))
        {
            return problem;
        }

        var committed = await CommitAsync(upload, probe);
        if (committed.Failed(out problem, out var artifact))
        {
            return problem;
        }

        await direct.DeleteAsync(upload.Key, cancellationToken);
        return artifact;
    }

    // The first PUT fills the key; a repeat with the same bytes finds it filled with them.
    private async Task<Outcome<Artifact>> CommitAsync(Upload upload, MediaProbe probe)
    {
        var artifact = records.New(
            upload.AccountId, (KeyMode)upload.Mode, ArtifactRole.Upload, probe, DateTimeOffset.FromUnixTimeMilliseconds(upload.ExpiresAt));
        if (await uploads.FillAsync(upload, artifact))
        {
            return artifact;
        }

        return await uploads.FindAsync(upload.Key) is { ArtifactId: { } id }
            && await records.FindAsync(upload.AccountId, id) is { } first && first.Probe.Sha256 == probe.Sha256
            ? first
            : Problems.InvalidOperation.With("This upload already holds a different file. Create a new upload.");
    }
}
