namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>The clockwork of one running generation on one node: as <c>GenerationGrain</c>, without Orleans.</summary>
internal sealed class SimDriver(SimNode node, string generation, Action ended)
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(2);

    private Task _stepping = Task.CompletedTask;
    private bool _again;
    private int _timer;

    public void Wake()
    {
        _again = true;
        if (_stepping.IsCompleted)
        {
            _stepping = StepAsync();
        }
    }

    private async Task StepAsync()
    {
        var slash = generation.IndexOf('/', StringComparison.Ordinal);
        for (var (rounds, at) = (0, node.World.Loop.Elapsed); _again; rounds++)
        {
            (rounds, at) = at == node.World.Loop.Elapsed ? (rounds, at) : (0, node.World.Loop.Elapsed);
            if (rounds > 1_000)
            {
                throw node.World.Checks.Fail($"the driver of {node.World.Checks.NameOf(generation[(slash + 1)..])} goes round and no time passes");
            }

            _again = false;
            TimeSpan wait;
            try
            {
                if (await node.Driver.StepAsync(generation[..slash], generation[(slash + 1)..]) is not { } due)
                {
                    _timer++;
                    ended();
                    return;
                }

                wait = due - node.World.Loop.Now;
            }
            catch (SimAwayException)
            {
                wait = AfterFailure;
            }
            catch (Exception exception) when (exception is not SimFailure)
            {
                throw node.World.Checks.Fail($"a step of {node.World.Checks.NameOf(generation[(slash + 1)..])} on {node.Name} threw: {exception}");
            }

            if (wait <= TimeSpan.Zero)
            {
                _again = true;
                continue;
            }

            var mine = ++_timer;
            node.At(wait, () =>
            {
                if (mine == _timer)
                {
                    Wake();
                }
            });
        }
    }
}

/// <summary>The clockwork of one provider's scheduler on one node: as <c>ProviderGrain</c>, without Orleans.</summary>
internal sealed class SimScheduler(SimNode node, string provider)
{
    private readonly Dictionary<Server.KeyMode, string> _served = [];
    private Task _round = Task.CompletedTask;
    private bool _again;

    public void Signal()
    {
        _again = true;
        if (_round.IsCompleted)
        {
            _round = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        while (_again)
        {
            _again = false;
            try
            {
                for (var rounds = 0; await ClaimAsync(); rounds++)
                {
                    node.World.Checks.Require(rounds < 1_000, $"the scheduler of {provider} goes round and no time passes");
                }

                // The product looks again after the pause that this returns. Looks that can find nothing would be most of what a
                // seed does, so the world signals every five seconds where there is something to find.
                await node.Due.WakeAsync(provider);
            }
            catch (SimAwayException)
            {
                return;
            }
        }
    }

    private async Task<bool> ClaimAsync()
    {
        var places = SimLab.Places + (node.World.Lie is SimLie.PlacesAreNotCounted ? 1 : 0);
        var taken = await node.Claims.TakeAsync(provider, places, _served);
        foreach (var generation in taken.Claimed)
        {
            node.World.Lab.Visited.Add(("queued", nameof(Server.Generations.GenerationEvent.Claimed)));
            node.World.Wake(Server.Generations.Driving.GenerationGrain.Key(generation.AccountId, generation.Id));
        }

        foreach (var generation in taken.Late)
        {
            await node.Ends.EndAsync(generation);
        }

        return taken.More;
    }
}
