using System.Text;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>One node's way to one vendor: connections that are not made, requests and answers that are lost, slow or late.</summary>
internal sealed class SimAdapter(SimNode node, SimVendor vendor) : IProviderAdapter, ICallbackReader
{
    // What has begun to leave is at the vendor before anybody looks for it there: a sixth of a lease (SubmitFence).
    private const double SlowestRequest = 4.5;

    private SimWorld World => node.World;

    public ProviderProfile Profile { get; } = new() { Name = vendor.Name, Title = vendor.Name, Keyless = true };

    public EvidenceClass Evidence => vendor.Evidence;

    public PreparedSubmit Prepare(ProviderRequest request) => PreparedSubmit.Of(request, static (body, input) => body.DataUri(input));

    public async Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken)
    {
        var result = await SubmitOnceAsync(request, cancellationToken);
        return result is SubmitResult.Unknown && World.Lie is SimLie.AdapterRetriesSubmits
            ? await SubmitOnceAsync(request, cancellationToken)
            : result;
    }

    public async Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        await CallAsync(cancellationToken);
        return World.Fault(World.Weather.Network / 3) ? new PollResult.Unreadable("HTTP 502") : vendor.Read(providerTaskId);
    }

    public async Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken)
    {
        await CallAsync(cancellationToken);
        var known = vendor.OfAttempt(request.AttemptId);
        World.Note($"{node.Name} looks for {World.Checks.NameOf(request.AttemptId)} at {vendor.Name}: {known?.Id}");
        switch (vendor.Evidence)
        {
            case EvidenceClass.IdempotencyKey:
                return vendor.Receive(request) is SubmitResult.Accepted same
                    ? new LookupResult.Found(same.ProviderTaskId)
                    : new LookupResult.Undecided("refused now");
            case EvidenceClass.QueryByOurId when known is not null && World.Lie is SimLie.VendorDeniesJobs:
                return new LookupResult.Absent();
            case EvidenceClass.ListsRecent when World.Fault(0.5):
                return new LookupResult.Undecided("the list may be behind");
            case EvidenceClass.QueryByOurId or EvidenceClass.ListsRecent:
                return known is null ? new LookupResult.Absent() : new LookupResult.Found(known.Id);
            case EvidenceClass.CallsBack:
                return new LookupResult.Undecided("no callback yet");
            default:
                return new LookupResult.Impossible("the vendor offers no evidence");
        }
    }

    public async Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        await CallAsync(cancellationToken);
        return World.Fault(World.Weather.Network / 3) ? CancelResult.Unknown : vendor.Stop(providerTaskId);
    }

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) =>
        Task.FromResult<CheckResult>(new CheckResult.NotPossible("It is simulated."));

    public ValueTask<CallbackReading> ReadCallbackAsync(ProviderCallback call, CancellationToken cancellationToken) =>
        new(new CallbackReading.Genuine(Encoding.UTF8.GetString(call.Body.Span)));

    private async Task<SubmitResult> SubmitOnceAsync(ProviderRequest request, CancellationToken cancellationToken)
    {
        // A name is looked up, a connection made, files are read: nothing has left yet. Some nodes stand still just here.
        if (World.Weather.Freezes > 0 && World.Fault(0.05))
        {
            World.Freeze(node);
        }

        await node.After(World.Fault(World.Weather.Network / 2) ? World.Between(1, 40) : World.Between(0.001, 0.1));
        var isHeldBack = SubmitFence.Current is { HasPassed: true } && World.Lie is not SimLie.AdapterIgnoresFence;
        if (isHeldBack || World.Fault(World.Weather.Network / 4))
        {
            World.Note($"{node.Name} does not send {World.Checks.NameOf(request.AttemptId)}");
            return new SubmitResult.Refused(new ProviderError(ProviderErrorKind.Unavailable, "not_sent", ""));
        }

        // From here on it is under way, whatever becomes of this node.
        var answer = new TaskCompletionSource<SubmitResult>();
        var isLost = World.Fault(World.Weather.Network / 3);
        var slowest = World.Lie is SimLie.NetworkIsSlowerThanLeases && World.Fault(0.2) ? 90 : SlowestRequest;
        if (slowest > SlowestRequest)
        {
            World.Loop.At(TimeSpan.FromSeconds(1), () => World.Fell(node, "is killed with a slow request under way"));
        }

        World.Note($"{node.Name} sends {World.Checks.NameOf(request.AttemptId)} to {vendor.Name}");
        World.Loop.At(World.Fault(World.Weather.Network) ? World.Between(0.1, slowest) : World.Between(0.01, 0.1), () =>
        {
            if (!isLost)
            {
                Answer(request, answer);
            }
        });
        using var end = cancellationToken.Register(() => answer.TrySetResult(new SubmitResult.Unknown("no answer in time")));
        if (isLost)
        {
            node.At(World.Between(1, 60), () => answer.TrySetResult(new SubmitResult.Unknown("reset")));
        }

        return await answer.Task;
    }

    private void Answer(ProviderRequest request, TaskCompletionSource<SubmitResult> answer)
    {
        var result = vendor.Receive(request);
        var takes = result is SubmitResult.Completed ? vendor.OfAttempt(request.AttemptId)!.EndsAt - World.Loop.Elapsed : TimeSpan.Zero;
        if (World.Fault(World.Weather.Network / 2))
        {
            World.Note($"the answer about {World.Checks.NameOf(request.AttemptId)} is lost");
            node.At(takes + World.Between(0.1, 90), () => answer.TrySetResult(new SubmitResult.Unknown("HTTP 500")));
            return;
        }

        node.At(takes + World.Between(0.01, 1), () => answer.TrySetResult(result));
    }

    private async Task CallAsync(CancellationToken cancellationToken)
    {
        await node.After(World.Fault(World.Weather.Network) ? World.Between(0.1, 30) : World.Between(0.01, 0.3));
        cancellationToken.ThrowIfCancellationRequested();
        if (World.Fault(World.Weather.Network / 3))
        {
            throw new HttpRequestException("reset");
        }
    }
}
