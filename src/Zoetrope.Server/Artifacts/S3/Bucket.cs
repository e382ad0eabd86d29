using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Zoetrope.Server.Egress;

namespace Zoetrope.Server.Artifacts.S3;

/// <summary>An object as the bucket shows it.</summary>
internal readonly record struct BucketObject(string Name, long Bytes, DateTimeOffset ModifiedAt);

/// <summary>
/// The calls to the bucket. Each has an end, and every failure that is not an answer is a <see cref="StoreAwayException"/>: the
/// bucket may answer later, and nothing was lost.
/// </summary>
internal sealed partial class Bucket : IDisposable
{
    /// <summary>Up to this, an object is put in one request.</summary>
    public const long LargestPut = 16 * 1024 * 1024;

    private const int PartBytes = 8 * 1024 * 1024;
    private const int PartsAtOnce = 4;
    private static readonly TimeSpan ShortCall = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongCall = TimeSpan.FromMinutes(5);

    private readonly S3Options _options;
    private readonly AmazonS3Client _client;
    private readonly TimeProvider _time;
    private readonly ILogger<Bucket> _logger;

    public Bucket(S3Options options, EgressClient egress, TimeProvider time, ILogger<Bucket> logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _client = BucketConnection.Open(options, egress);
        Health = new BucketHealth(time);
    }

    public BucketHealth Health { get; }

    /// <summary>Puts a whole file under a name; one that is there stays as it is.</summary>
    /// <param name="name">The object's name, without the prefix.</param>
    /// <param name="path">The file, which stays.</param>
    /// <param name="sha256">Lower-case hex; the bucket holds the bytes against it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task PutAsync(string name, string path, string sha256, CancellationToken cancellationToken)
    {
        var bytes = new FileInfo(path).Length;
        if (bytes > LargestPut)
        {
            if (await LengthAsync(name, cancellationToken) != bytes)
            {
                await PutPartsAsync(name, path, bytes, cancellationToken);
            }

            return;
        }

        await CallAsync(LongCall, "put", cancellationToken, token => IfAbsentAsync(() => _client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = _options.Bucket,
                Key = _options.Root + name,
                FilePath = path,
                ContentType = "application/octet-stream",
                ChecksumSHA256 = Convert.ToBase64String(Convert.FromHexString(sha256)),
                IfNoneMatch = "*",

                // Chunk-signed bodies are Amazon's own; many stores refuse them or keep their frames.
                UseChunkEncoding = false,
            },
            token)));
    }

    /// <summary>The object's size; null where there is none.</summary>
    public async Task<long?> LengthAsync(string name, CancellationToken cancellationToken) =>
        await CallAsync<long?>(ShortCall, "look for", cancellationToken, async token =>
        {
            try
            {
                var request = new GetObjectMetadataRequest { BucketName = _options.Bucket, Key = _options.Root + name };
                return (await _client.GetObjectMetadataAsync(request, token)).ContentLength;
            }
            catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }
        });

    /// <summary>The object's bytes; null where there is none.</summary>
    /// <param name="name">The object's name, without the prefix.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many, at least one; null for all.</param>
    public async Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken, long offset = 0, long? length = null)
    {
        var request = new GetObjectRequest { BucketName = _options.Bucket, Key = _options.Root + name };
        if (length is { } count)
        {
            request.ByteRange = new ByteRange(offset, offset + count - 1);
        }

        return await CallAsync<Stream?>(ShortCall, "read", cancellationToken, async token =>
        {
            try
            {
                return new BucketStream(await _client.GetObjectAsync(request, token), _time, Away);
            }
            catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }
        });
    }

    /// <summary>Deletes the object; it is no failure if there is none.</summary>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) => CallAsync(
        ShortCall,
        "delete",
        cancellationToken,
        token => _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _options.Bucket, Key = _options.Root + name }, token));

    /// <summary>The objects whose names begin so, in the order of their names, after a given one.</summary>
    public async IAsyncEnumerable<BucketObject> ListAsync(
        string begin, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = _options.Bucket,
            Prefix = _options.Root + begin,
            StartAfter = after is null ? null : _options.Root + after,
        };
        while (true)
        {
            var page = await CallAsync(ShortCall, "list", cancellationToken, token => _client.ListObjectsV2Async(request, token));
            foreach (var found in page.S3Objects ?? [])
            {
                var modified = new DateTimeOffset((found.LastModified ?? DateTime.UnixEpoch).ToUniversalTime());
                yield return new BucketObject(found.Key[_options.Root.Length..], found.Size ?? 0, modified);
            }

            if (page.IsTruncated is not true)
            {
                yield break;
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
    }

    /// <summary>A URL at which anyone may do this for a while, without asking us.</summary>
    public Uri Presign(string name, HttpVerb verb, TimeSpan lifetime, Action<GetPreSignedUrlRequest> shape)
    {
        var request = new GetPreSignedUrlRequest
        {
            BucketName = _options.Bucket,
            Key = _options.Root + name,
            Verb = verb,

            // The bucket holds it against its own clock, so this is the machine's, whatever clock the server is given.
            Expires = (TimeProvider.System.GetUtcNow() + lifetime).UtcDateTime,
            Protocol = _options.Url.Scheme == Uri.UriSchemeHttp ? Protocol.HTTP : Protocol.HTTPS,
        };
        shape(request);
        return new Uri(_client.GetPreSignedURL(request));
    }

    /// <summary>Whether the bucket answers; asked only if nobody has heard of it lately.</summary>
    public async Task<bool> IsReachedAsync()
    {
        if (Health.Known is { } known)
        {
            return known;
        }

        try
        {
            await AskAsync(CancellationToken.None);
        }
        catch (StoreAwayException)
        {
        }

        return Health.Known ?? false;
    }

    /// <summary>
    /// One request that needs the bucket, the key and its secret to be right. Null if they are, or if nobody answers, which is only
    /// logged; else what the operator has to change.
    /// </summary>
    public async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(cancellationToken);
            return null;
        }
        catch (StoreAwayException exception) when (BucketFault.Of(exception.InnerException, _options) is { } fault)
        {
            return fault;
        }
        catch (StoreAwayException exception)
        {
            LogAway(_options.Name, exception.Message);
            return null;
        }
    }

    public void Dispose() => _client.Dispose();

    private Task AskAsync(CancellationToken cancellationToken) => CallAsync(
        ShortCall,
        "list",
        cancellationToken,
        token => _client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = _options.Root, MaxKeys = 1 }, token));

    // Not the SDK's transfer utility: it signs parts in chunks, which many stores do not read.
    private async Task PutPartsAsync(string name, string path, long bytes, CancellationToken cancellationToken)
    {
        var begun = await CallAsync(ShortCall, "put", cancellationToken, token => _client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest
            {
                BucketName = _options.Bucket,
                Key = _options.Root + name,
                ContentType = "application/octet-stream",
            },
            token));
        try
        {
            var tags = new PartETag[(int)((bytes + PartBytes - 1) / PartBytes)];
            await Parallel.ForAsync(
                0,
                tags.Length,
                new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = cancellationToken },
                async (i, stop) =>
                {
                    var offset = (long)i * PartBytes;
                    var part = await CallAsync(LongCall, "put", stop, token => _client.UploadPartAsync(
                        new UploadPartRequest
                        {
                            BucketName = _options.Bucket,
                            Key = _options.Root + name,
                            UploadId = begun.UploadId,
                            PartNumber = i + 1,
                            FilePath = path,
                            FilePosition = offset,
                            PartSize = Math.Min(PartBytes, bytes - offset),
                            UseChunkEncoding = false,
                        },
                        token));
                    tags[i] = new PartETag(i + 1, part.ETag);
                });
            var isOurs = await CallAsync(LongCall, "put", cancellationToken, token => IfAbsentAsync(() => _client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest
                {
                    BucketName = _options.Bucket,
                    Key = _options.Root + name,
                    UploadId = begun.UploadId,
                    PartETags = [.. tags],
                    IfNoneMatch = "*",
                },
                token)));
            if (!isOurs)
            {
                await AbortAsync(name, begun.UploadId);
            }
        }
        catch
        {
            await AbortAsync(name, begun.UploadId);
            throw;
        }
    }

    // Parts of an upload that nobody completes cost as much as an object. The bucket's lifecycle rule takes what is left after this.
    private async Task AbortAsync(string name, string uploadId)
    {
        try
        {
            await CallAsync(ShortCall, "end", CancellationToken.None, token => _client.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest { BucketName = _options.Bucket, Key = _options.Root + name, UploadId = uploadId }, token));
        }
        catch (StoreAwayException)
        {
        }
    }

    // The name is the hash of the bytes, so what is there already is what was to be put.
    private static async Task<bool> IfAbsentAsync<T>(Func<Task<T>> put)
    {
        try
        {
            await put();
            return true;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            return false;
        }
    }

    private async Task<T> CallAsync<T>(TimeSpan within, string verb, CancellationToken cancellationToken, Func<CancellationToken, Task<T>> call)
    {
        using var limit = new CancellationTokenSource(within, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var answer = await call(either.Token);
            Health.Answered();
            return answer;
        }
        catch (Exception exception) when (exception is AmazonClientException or AmazonServiceException or HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Away(verb, exception);
        }
    }

    private StoreAwayException Away(string verb, Exception exception)
    {
        Health.Failed();
        var reason = exception switch
        {
            AmazonS3Exception { ErrorCode: { Length: > 0 } code } answered => $"it answered {(int)answered.StatusCode} {code}",
            AmazonS3Exception answered => $"it answered {(int)answered.StatusCode}",
            OperationCanceledException => "it did not answer in time",
            _ => exception.GetBaseException().Message,
        };
        return new StoreAwayException($"The bucket {_options.Name} did not {verb} an object: {reason}.", exception);
    }

    [LoggerMessage(LogLevel.Warning, "The bucket {Bucket} cannot be used yet; files wait until it can. {Reason}")]
    private partial void LogAway(string bucket, string reason);
}
