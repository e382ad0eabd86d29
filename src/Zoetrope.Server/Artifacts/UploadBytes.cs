using System.Buffers;
using System.Security.Cryptography;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Egress;

namespace Zoetrope.Server.Artifacts;

/// <summary>Takes the body of an upload into the store and says what it is.</summary>
internal sealed class UploadBytes(
    StoredFiles store, MediaProber prober, StoredBytes stored, FreeSpace space, ArtifactOptions options)
{
    private readonly TemporaryFiles _temporary = new(options);

    public async Task<Outcome<MediaProbe>> TakeAsync(Stream body, Upload upload, CancellationToken cancellationToken)
    {
        if (space.Refusal() is { } full)
        {
            return full;
        }

        var (contentType, maxBytes) = (upload.ContentType, upload.MaxBytes);
        var path = _temporary.NewPath();
        try
        {
            if (await CopyAsync(body, path, maxBytes, cancellationToken) is not { } hash)
            {
                return Problems.BodyTooLarge.With(
                    $"The body is larger than the {ByteText.Of(maxBytes)} this upload was created for.", allowed: ByteText.Of(maxBytes));
            }

            var probed = await prober.ProbeAsync(path, upload.AccountId, cancellationToken);
            if (probed.Failed(out var busy, out var header))
            {
                return busy;
            }

            if (header is null || !UploadTypes.Matches(contentType, header.ContentType))
            {
                return Problems.InvalidInput.With($"The bytes are not {contentType}.", given: header?.ContentType ?? "an unknown type",
                    allowed: contentType);
            }

            if (header.Fault is { } fault)
            {
                return Problems.InvalidInput.With($"The file {fault}.", allowed: contentType);
            }

            var probe = header.ToProbe(new FileInfo(path).Length, hash);
            if (await stored.TakeAsync(upload.AccountId, probe.Bytes) is { } tooMuch)
            {
                return tooMuch;
            }

            await store.PutAsync(new ArtifactKey(probe.Sha256, probe.Extension), path, cancellationToken);
            return probe;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<string?> CopyAsync(Stream body, string path, long maxBytes, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(81920);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
            long total = 0;
            while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                total += read;
                if (total > maxBytes)
                {
                    return null;
                }

                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
