using System.Buffers;
using System.Security.Cryptography;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Egress;

namespace Zoetrope.Server.Admission.Inputs;

/// <summary>An input file on this machine.</summary>
/// <param name="IsStored">It is a file of ours in the store; otherwise a temporary one.</param>
internal readonly record struct InputFile(string Path, long Bytes, string Sha256, bool IsStored = false);

/// <summary>Gets an input's bytes: from our own store, out of the request's text, or through the guard.</summary>
internal sealed class InputSource(EgressClient egress, OwnFiles own, StoredFiles store, ArtifactOptions options, TimeProvider time)
{
    private const int DecodeChars = 64 * 1024;

    /// <summary>What stands before the comma of a data: URI is short.</summary>
    private const int MaxHead = 256;

    // One customer's slow host keeps that customer waiting, and many requests of one key do not all go out at once.
    private readonly HostSlots _hosts = new(Math.Max(1, options.InputFetchesPerHost));
    private readonly HostSlots _keys = new(Math.Max(1, options.InputFetchesPerKey));

    /// <summary>When the client began to wait; all files of a request share one time limit.</summary>
    public long StartWaiting() => time.GetTimestamp();

    /// <summary>Leaves the bytes at the path, or names the file of ours that already holds them.</summary>
    public async Task<Outcome<InputFile>> TakeAsync(
        Caller caller, InputReference reference, long maxBytes, string path, long waitingSince, CancellationToken cancellationToken)
    {
        if (reference.Local is { } local)
        {
            return new InputFile(local.Path, local.Bytes, local.Sha256);
        }

        // As a browser reads an address.
        var text = reference.Reference.Trim();
        if (own.IsOwn(text))
        {
            return await OwnAsync(caller.AccountId, reference with { Reference = text }, cancellationToken);
        }

        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return await DataUriAsync(reference, text, maxBytes, path, cancellationToken);
        }

        // The older request shape allows an image as bare base64. No URL is that long without a colon.
        if (reference.Kind == InputKind.Image && text.Length > 256 && !text.AsSpan(0, 256).Contains(':'))
        {
            return await DecodeAsync(reference, text.AsMemory(), maxBytes, path, cancellationToken);
        }

        if (egress.Check(text, out var url) is { } refused)
        {
            return refused.ToProblem(reference.Field, Shown(text));
        }

        var fetched = await FetchAsync(caller, url, maxBytes, path, waitingSince, cancellationToken);
        return fetched.Failure switch
        {
            null => new InputFile(path, fetched.Bytes, fetched.Sha256),
            { Kind: EgressFailureKind.TooLarge } => InputRules.TooLarge(reference, maxBytes, Shown(text)),
            var failure => failure.ToProblem(reference.Field, Shown(text)),
        };
    }

    private async Task<FetchResult> FetchAsync(
        Caller caller, Uri url, long maxBytes, string path, long waitingSince, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Left(waitingSince), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var ofKey = await _keys.TakeAsync(caller.CountsWith, either.Token);
            using var ofHost = await _hosts.TakeAsync(url.IdnHost, either.Token);
            return await egress.FetchToFileAsync(url, path, new FetchLimits(maxBytes, Left(waitingSince)), cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new EgressFailure(EgressFailureKind.Incomplete, "Too many files are being fetched for this key or from this host.")
            {
                IsTransient = true,
            };
        }
    }

    private TimeSpan Left(long waitingSince)
    {
        var left = options.InputFetchTimeout - time.GetElapsedTime(waitingSince);
        return left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
    }

    // An upload's public URL, or the signed URL of a result that becomes the next request's input.
    private async Task<Outcome<InputFile>> OwnAsync(string accountId, InputReference reference, CancellationToken cancellationToken)
    {
        var found = await own.FindAsync(accountId, reference.Reference, cancellationToken);
        if (found.Failed(out var unusable, out var artifact))
        {
            return unusable with { Message = $"{reference.Field}: {unusable.Message}", Field = reference.Field };
        }

        if (artifact is null
            || await store.LocalPathAsync(artifact.Key, cancellationToken) is not { } local)
        {
            return Problems.InvalidInput.With(
                $"{reference.Field}: This account has no file at this URL. "
                    + "It has not been uploaded yet, has expired, or the URL was altered.",
                reference.Field,
                Shown(reference.Reference));
        }

        return new InputFile(local, artifact.Probe.Bytes, artifact.Probe.Sha256, IsStored: true);
    }

    private static async Task<Outcome<InputFile>> DataUriAsync(
        InputReference reference, string text, long maxBytes, string path, CancellationToken cancellationToken)
    {
        if (reference.Kind != InputKind.Image)
        {
            return Problems.InvalidInput.With(
                $"{reference.Field}: Only images can be sent as a data: URI. Upload the file or send an https URL.",
                reference.Field,
                Shown(reference.Reference));
        }

        var comma = text.IndexOf(',');
        var fault = comma is < 0 or > MaxHead ? "The data: URI has no comma after its type."
            : !IsBase64(text.AsSpan(0, comma)) ? "The data: URI is not base64."
            : null;
        return fault is null
            ? await DecodeAsync(reference, text.AsMemory(comma + 1), maxBytes, path, cancellationToken)
            : Problems.InvalidInput.With(
                $"{reference.Field}: {fault} It must have the form data:image/png;base64,….", reference.Field, Shown(text));
    }

    private static async Task<Outcome<InputFile>> DecodeAsync(
        InputReference reference, ReadOnlyMemory<char> base64, long maxBytes, string path, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(DecodeChars / 4 * 3);
        var chars = ArrayPool<char>.Shared.Rent(DecodeChars);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long total = 0;
        var decoding = new ForgivingBase64();
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
            for (var at = 0; at < base64.Length;)
            {
                var count = decoding.Read(base64.Span[at..], chars.AsSpan(0, DecodeChars), out var taken);
                at += taken;
                var written = 0;
                if (decoding.Fault is not null || !Convert.TryFromBase64Chars(chars.AsSpan(0, count), buffer, out written))
                {
                    return Problems.InvalidInput.With(
                        $"{reference.Field}: {decoding.Fault ?? "The base64 text is not valid."}",
                        reference.Field,
                        Shown(reference.Reference));
                }

                total += written;
                if (total > maxBytes)
                {
                    return InputRules.TooLarge(reference, maxBytes, Shown(reference.Reference));
                }

                hash.AppendData(buffer, 0, written);
                await file.WriteAsync(buffer.AsMemory(0, written), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            ArrayPool<char>.Shared.Return(chars);
        }

        return new InputFile(path, total, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    // `;base64` may stand apart (`; base64`), and other parameters before it.
    private static bool IsBase64(ReadOnlySpan<char> head) =>
        head.LastIndexOf(';') is >= 0 and var last && head[(last + 1)..].Trim().Equals("base64", StringComparison.OrdinalIgnoreCase);

    // Queries may hold a signature and data URIs are long; neither belongs in an error or a log.
    private static string Shown(string reference)
    {
        var end = reference.AsSpan().IndexOfAny('?', ',');
        var head = end < 0 ? reference : reference[..end] + "…";
        return ShortText.Of(head, 120);
    }
}
