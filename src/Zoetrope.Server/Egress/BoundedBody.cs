using System.Buffers;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Zoetrope.Server.Egress;

/// <summary>Copies a body to disk while counting, hashing and timing it; the declared length is a hint at most.</summary>
internal static class BoundedBody
{
    public static async Task<FetchResult> CopyToFileAsync(
        HttpResponseMessage response,
        string path,
        long maxBytes,
        EgressOptions options,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentEncoding.Any(coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            return new EgressFailure(EgressFailureKind.Encoded, "The server answered with a compressed body, although none was requested.");
        }

        if (response.Content.Headers.ContentLength > maxBytes)
        {
            return TooLarge(maxBytes);
        }

        var result = await CopyAsync(response, path, maxBytes, options, time, cancellationToken);
        if (result.Failure is not null)
        {
            File.Delete(path);
        }

        return result;
    }

    private static async Task<FetchResult> CopyAsync(
        HttpResponseMessage response,
        string path,
        long maxBytes,
        EgressOptions options,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(81920);
        var started = time.GetTimestamp();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var idle = new CancellationTokenSource(options.IdleTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(both.Token);
            await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
            long total = 0;
            while (true)
            {
                idle.CancelAfter(options.IdleTimeout);
                var read = await body.ReadAsync(buffer, both.Token);
                if (read == 0)
                {
                    return FetchResult.Stored(total, Convert.ToHexStringLower(hash.GetHashAndReset()));
                }

                total += read;
                if (total > maxBytes)
                {
                    return TooLarge(maxBytes);
                }

                var elapsed = time.GetElapsedTime(started);
                if (elapsed > options.IdleTimeout && total < elapsed.TotalSeconds * options.MinimumBytesPerSecond)
                {
                    return Incomplete("slower than the minimum rate");
                }

                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (idle.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Incomplete("silent for too long");
        }
        catch (Exception exception) when (exception is HttpIOException or HttpRequestException
            or IOException { InnerException: SocketException })
        {
            return Incomplete(exception.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static EgressFailure TooLarge(long maxBytes) =>
        new(EgressFailureKind.TooLarge, $"The file is larger than {ByteText.Of(maxBytes)}.");

    private static EgressFailure Incomplete(string detail) =>
        new(EgressFailureKind.Incomplete, "The file could not be downloaded completely in time.", detail) { IsTransient = true };
}
