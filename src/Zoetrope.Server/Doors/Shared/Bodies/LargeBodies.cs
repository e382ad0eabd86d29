using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Zoetrope.Server.Artifacts;

namespace Zoetrope.Server.Doors.Shared.Bodies;

/// <summary>
/// Places for large request bodies. A body waits on the disk until it is complete, so a slow client holds no memory, and is
/// then read in memory for as long as its request is being taken; what all of them hold there together is bounded, too.
/// </summary>
internal sealed class LargeBodies : IDisposable
{
    /// <summary>A body up to this size stays in the memory it was received in, and takes no place.</summary>
    public const int Small = (64 * 1024) - 1;

    private const int Unit = 1 << 20;
    private const long LargestByDefault = 64 << 20;

    /// <summary>How many times the largest body may be in memory, for all keys together; one key has it once.</summary>
    private const int Copies = 4;

    private readonly Places _receiving;
    private readonly Places _inMemory;
    private readonly TemporaryFiles _files;
    private readonly TimeSpan _wait;
    private readonly TimeProvider _time;

    public LargeBodies(BodyOptions options, IOptions<KestrelServerOptions> kestrel, ArtifactOptions artifacts, TimeProvider time)
    {
        (_files, _wait, _time) = (new TemporaryFiles(artifacts), options.Wait, time);
        var later = TimeSpan.FromSeconds(Math.Max(1, options.Wait.TotalSeconds));
        var tooMany = Problems.RateLimited.With(
            $"This API key is sending more than {options.LargePerKey} large request bodies at once. Send fewer at a time.",
            allowed: $"at most {options.LargePerKey} bodies above {Small} bytes at once") with { RetryAfter = later };
        var busy = Problems.Unavailable.With(
            "The server is receiving as many large request bodies as it can. Try again in a moment.") with { RetryAfter = later };
        _receiving = new Places(options.LargePerKey, options.LargeInTotal, tooMany, busy);

        var largest = Units(Math.Max(LargestByDefault, kestrel.Value.Limits.MaxRequestBodySize ?? int.MaxValue));
        _inMemory = new Places(largest, largest * Copies, tooMany, busy);
    }

    /// <summary>A place to receive a large body at; waits a little for one.</summary>
    public async Task<Outcome<BodyPlace>> EnterAsync(HttpContext context)
    {
        var place = new BodyPlace(this, KeyOf(context), _files.NewPath(), _time);
        return await TakeAsync(_receiving, place, 1, context.RequestAborted) is { } problem ? problem : place;
    }

    /// <summary>Waits until so many bytes of this body may be in memory.</summary>
    public Task<Problem?> EnterMemoryAsync(BodyPlace place, long bytes, CancellationToken cancellationToken) =>
        TakeAsync(_inMemory, place, Units(bytes), cancellationToken);

    public void Dispose()
    {
        _receiving.Dispose();
        _inMemory.Dispose();
    }

    private static int Units(long bytes) => (int)Math.Clamp((bytes + Unit - 1) / Unit, 1, int.MaxValue / Copies);

    private static string KeyOf(HttpContext context) =>
        context.Features.Get<Caller>()?.CountsWith ?? context.Connection.RemoteIpAddress?.ToString() ?? "";

    private async Task<Problem?> TakeAsync(Places places, BodyPlace place, int permits, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_wait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var isKeys = true;
        try
        {
            place.Hold(await places.OfKey.AcquireAsync(place.Key, permits, either.Token));
            isKeys = false;
            place.Hold(await places.OfAll.AcquireAsync(permits, either.Token));
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            place.Dispose();
            return isKeys ? places.TooMany : places.Busy;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private sealed class Places(int perKey, int inTotal, Problem tooMany, Problem busy) : IDisposable
    {
        public PartitionedRateLimiter<string> OfKey { get; } = PartitionedRateLimiter.Create<string, string>(
            key => RateLimitPartition.GetConcurrencyLimiter(key, _ => Queueing(perKey)));

        public ConcurrencyLimiter OfAll { get; } = new(Queueing(inTotal));

        public Problem TooMany => tooMany;

        public Problem Busy => busy;

        public void Dispose()
        {
            OfKey.Dispose();
            OfAll.Dispose();
        }

        // Who waits is bounded by the connections, and by the patience.
        private static ConcurrencyLimiterOptions Queueing(int permits) =>
            new() { PermitLimit = permits, QueueLimit = int.MaxValue, QueueProcessingOrder = QueueProcessingOrder.OldestFirst };
    }
}
