using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Generations.Feeds;
using Zoetrope.Server.Generations.Gating;
using Zoetrope.Server.Generations.Scheduling;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>
/// One process: the product's own objects from the commit to the last transaction, and in place of the grains' clockwork two
/// small loops (<see cref="SimDriver"/>, <see cref="SimScheduler"/>). Nothing of it outlives a kill.
/// </summary>
internal sealed class SimNode
{
    private readonly Dictionary<string, SimDriver> _drivers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SimScheduler> _schedulers = new(StringComparer.Ordinal);
    private readonly ServerStop _stop;
    private readonly SimTime _time;
    private DateTimeOffset _frozenUntil;

    public SimNode(SimWorld world, int number)
    {
        (World, Name) = (world, $"node{number}");
        var (lab, time) = (world.Lab, _time = new SimTime(this));
        var database = new SimDatabase(this, lab.Rows);
        var address = new PublicAddress(new Uri("https://zoetrope.example"));
        var options = SimLab.Options;
        var adapters = world.Vendors.Values.Select(vendor => new SimAdapter(this, vendor));
        var providers = new ProviderRegistry(
            adapters, [], SimLab.ProviderOptions, new ProviderToolbox(null!, null!, time));
        Gates = new GateBooks(database, providers, time, NullLogger<GateBooks>.Instance);
        var signals = new GenerationSignals();
        signals.OnQueued(world.Signal);
        var news = new GenerationNews(
            signals, new RunTimes(database, time, NullLogger<RunTimes>.Instance), lab.Metrics, lab.Webhooks, NullLogger<GenerationNews>.Instance);
        var ledger = new CreditLedger(time);
        var writer = new GenerationWriter(ledger, new GenerationOwner(Name, "simulation"));
        _stop = new ServerStop(lab.Lifetime);
        Books = new GenerationBooks(database, writer, news, _stop, time);
        var jobs = new ProviderJobs(providers, lab.Catalog, new JobInputs(null!, null!), new CallbackUrls(address));
        var conversation = new ProviderConversation(FetchAsync, time);
        var failover = new Failover(new Routing(providers, address), lab.Catalog, providers, Gates);
        var grains = SimGrains.Of(world);
        Driver = new GenerationDriver(
            Books,
            new SubmitStep(Books, jobs, conversation, failover, options),
            new LookupStep(Books, jobs, conversation, options),
            new PollStep(Books, jobs, conversation, options),
            new IngestStep(Books, jobs, conversation, new(database, new() { DataDirectory = "" }, time), options));
        Claims = new QueueClaims(database, lab.Catalog, writer, options, time);
        Ends = new QueueEnds(Books, static (_, _) => new(new Trail(null, null)));
        Due = new DueTasks(database, grains, time);
        Lane = new CommitLane(database, new CreditAlerts(database, 0), signals.Committed, lab.Commits, time);
        Cancels = new CancelGeneration(Books, null!, grains);
        var callbacks = new ProviderCallbacks();
        callbacks.Listen(attempt => _ = WakeAttemptAsync(attempt));
        Inbox = new CallbackInbox(database, providers, callbacks, time, NullLogger<CallbackInbox>.Instance);
        Database = database;
        Ledger = ledger;
    }

    public SimWorld World { get; }

    public string Name { get; }

    public bool IsAlive { get; private set; } = true;

    /// <summary>It was silent for too long: the others do without it, whatever it does.</summary>
    public bool IsDeclaredDead { get; set; }

    public bool Serves => IsAlive && !IsDeclaredDead;

    public SimDatabase Database { get; }

    public CreditLedger Ledger { get; }

    public GenerationBooks Books { get; }

    public GateBooks Gates { get; }

    public GenerationDriver Driver { get; }

    public QueueClaims Claims { get; }

    public QueueEnds Ends { get; }

    public DueTasks Due { get; }

    public CommitLane Lane { get; }

    public CancelGeneration Cancels { get; }

    public CallbackInbox Inbox { get; }

    /// <summary>Does it then, or when it no longer stands still; never if it is dead by then.</summary>
    public void At(TimeSpan after, Action action) => World.Loop.At(after, () => Do(action));

    public Task After(TimeSpan pause)
    {
        var over = new TaskCompletionSource();
        At(pause, over.SetResult);
        return over.Task;
    }

    public bool Drives(string generation) => _drivers.ContainsKey(generation);

    public void Wake(string generation)
    {
        if (!_drivers.TryGetValue(generation, out var driver))
        {
            _drivers[generation] = driver = new SimDriver(this, generation, () => _drivers.Remove(generation));
        }

        driver.Wake();
    }

    public void Schedule(string provider)
    {
        if (_stop.HasBegun)
        {
            return;
        }

        if (!_schedulers.TryGetValue(provider, out var scheduler))
        {
            _schedulers[provider] = scheduler = new SimScheduler(this, provider);
        }

        scheduler.Signal();
    }

    public void Kill() => IsAlive = false;

    public void Freeze(DateTimeOffset until) => _frozenUntil = until;

    /// <summary>Begins nothing more, waits for what is in the air, and ends.</summary>
    public async void Stop()
    {
        World.Note($"{Name} stops");
        IsDeclaredDead = true;
        await _stop.BeginAsync();
        World.Fell(this, "has stopped");
    }

    private void Do(Action action)
    {
        if (!IsAlive)
        {
            return;
        }

        if (World.Loop.Now < _frozenUntil)
        {
            World.Loop.At(_frozenUntil - World.Loop.Now, () => Do(action));
            return;
        }

        action();
    }

    /// <summary>As GateWatch does.</summary>
    public void WatchGates() => At(TimeSpan.FromSeconds(2), () =>
    {
        _ = RefreshAsync();
        WatchGates();
    });

    private async Task RefreshAsync()
    {
        try
        {
            await Gates.RefreshAllAsync();
        }
        catch (SimAwayException)
        {
        }
    }

    // As WakeUps does.
    private async Task WakeAttemptAsync(string attemptId)
    {
        try
        {
            if (await Database.ReadAsync(session => AttemptStore.FindAsync(session, attemptId)) is { } attempt)
            {
                World.Wake(GenerationGrain.Key(attempt.AccountId, attempt.GenerationId));
            }
        }
        catch (SimAwayException)
        {
        }
    }

    private async Task<Outcome<Server.Artifacts.IngestedArtifact>> FetchAsync(
        ProviderOutput output, OutputSpec expected, bool isSandbox, CancellationToken cancellationToken)
    {
        // Some results take longer than their task has, and some nodes do not live to store them.
        var isSlow = World.Fault(World.Weather.Network);
        var takes = isSlow ? World.Between(1, 500) : World.Between(0.05, 2);
        if (World.Weather.Crashes > 0 && World.Fault(isSlow ? 0.4 : 0.1))
        {
            At(takes * 0.9, () => World.Fell(this, "is killed while it stores a result"));
        }

        await After(takes);
        if (World.Fault(World.Weather.Network / 2))
        {
            throw new IOException("the result could not be fetched");
        }

        return World.Fault(World.Weather.Vendors / 4) ? Problems.BadOutput.With("It is not a picture.") : SimLab.Picture;
    }
}
