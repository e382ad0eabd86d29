using System.Globalization;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>
/// One seed: customers, nodes that run the product's own core on shared rows, vendors, and what goes wrong between them. After
/// a while of faults everything heals, and then every task must come to its end.
/// </summary>
internal sealed class SimWorld
{
    public static readonly string[] Providers = ["ark", "bfl", "fal", "kling", "openai"];

    private const int MostSteps = 50_000;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(4);

    private readonly Random _random;
    private readonly Dictionary<string, SimNode> _schedulers = new(StringComparer.Ordinal);
    private readonly List<SimNode> _gone = [];
    private readonly List<string>? _story;
    private readonly TimeSpan _faults;
    private ulong _trace = 14695981039346656037;
    private int _nodes;

    public SimWorld(SimLab lab, int seed, SimLie lie, bool tell)
    {
        (Lab, Lie) = (lab, lie);
        _random = new Random(seed);
        _story = tell ? [] : null;
        Weather = SimWeather.Of(_random);
        _faults = Between(300, 1_500);
        Checks = new SimChecks(this, lab.Rows);
        Vendors = Providers.ToDictionary(name => name, name => new SimVendor(this, name), StringComparer.Ordinal);
        Customers = new SimCustomers(this);
    }

    public SimLab Lab { get; }

    public SimLie Lie { get; }

    public SimLoop Loop { get; } = new();

    public SimWeather Weather { get; }

    public SimChecks Checks { get; }

    public SimCustomers Customers { get; }

    public IReadOnlyDictionary<string, SimVendor> Vendors { get; }

    public List<SimNode> Nodes { get; } = [];

    public bool IsDatabaseAway { get; private set; }

    /// <summary>The time of faults is over.</summary>
    public bool IsCalm => Loop.Elapsed > _faults;

    /// <summary>What happened, hashed: the same seed twice gives the same.</summary>
    public string Trace => _trace.ToString("x16", CultureInfo.InvariantCulture);

    public IReadOnlyList<string> Story => _story ?? [];

    public int Steps { get; private set; }

    /// <summary>Runs until all tasks have ended.</summary>
    public void Run()
    {
        for (var i = 0; i < Weather.Nodes; i++)
        {
            Start();
        }

        Customers.Begin();
        PlanFaults();
        for (; Loop.Next() && !(IsCalm && Customers.AreDone && Checks.AllEnded); Steps++)
        {
            Checks.Require(Loop.Elapsed < Longest, "a task does not end");
            Checks.Require(Steps < MostSteps, "something goes round and round");
            if (Checks.First is { } failure)
            {
                throw failure;
            }
        }

        Checks.AtTheEnd();
    }

    public bool Chance(double chance) => chance > 0 && _random.NextDouble() < chance;

    /// <summary>Whether something goes wrong now; nothing does once the weather is calm.</summary>
    public bool Fault(double chance) => chance > 0 && _random.NextDouble() < chance && !IsCalm;

    public TimeSpan Between(double from, double to) => TimeSpan.FromMilliseconds(Math.Round(1_000 * (from + (_random.NextDouble() * (to - from)))));

    public int Pick(int below) => _random.Next(below);

    public SimNode? AnyNode()
    {
        var alive = Nodes.Where(static node => node.Serves).ToList();
        return alive.Count == 0 ? null : alive[Pick(alive.Count)];
    }

    public void Note(FormattableString what)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{Loop.Elapsed.TotalSeconds:0.000} {FormattableString.Invariant(what)}");
        foreach (var letter in line)
        {
            _trace = (_trace ^ letter) * 1099511628211;
        }

        _story?.Add(line);
    }

    /// <summary>A message to whoever drives the generation; it may be lost, or come to two.</summary>
    public void Wake(string generation)
    {
        if (Fault(Weather.Messages / 4))
        {
            return;
        }

        var driver = Nodes.Find(node => node.Serves && node.Drives(generation));
        if ((Fault(Weather.Messages / 4) ? AnyNode() : driver ?? AnyNode()) is { } node)
        {
            node.At(Between(0, 0.02), () => node.Wake(generation));
        }
    }

    /// <summary>A message to the provider's scheduler, which is somewhere in the cluster, and for a moment perhaps twice.</summary>
    public void Signal(string provider)
    {
        if (!_schedulers.TryGetValue(provider, out var node) || !node.Serves || Fault(Weather.Messages / 10))
        {
            if (AnyNode() is not { } other)
            {
                return;
            }

            _schedulers[provider] = node = other;
        }

        node.At(Between(0, 0.01), () => node.Schedule(provider));
    }

    public SimNode Start()
    {
        var node = new SimNode(this, ++_nodes);
        Nodes.Add(node);
        if (Weather.Nodes == 1)
        {
            // As QueueStart does with SQLite: whoever held a lease before is dead.
            foreach (var provider in Providers)
            {
                Lab.Rows.Run(tx => GenerationStore.WakeAllRunningAsync(tx, provider, Loop.Now));
            }

            Checks.AfterCommit(node);
        }

        Note($"{node.Name} starts");
        foreach (var provider in Providers)
        {
            node.At(Between(0.1, 1), () => Signal(provider));
        }

        node.WatchGates();
        return node;
    }

    private void PlanFaults()
    {
        // What keeps schedulers alive on all nodes; with it a scheduler that died is somewhere else soon.
        Every(TimeSpan.FromSeconds(5), () =>
        {
            foreach (var provider in Checks.ProvidersWithWork())
            {
                Signal(provider);
            }
        });
        for (var i = 0; i < Weather.Crashes; i++)
        {
            Loop.At(Between(1, _faults.TotalSeconds), () => Fell(AnyNode(), "is killed"));
        }

        for (var i = 0; i < Weather.Freezes; i++)
        {
            Loop.At(Between(1, _faults.TotalSeconds), () => Freeze(AnyNode()));
        }

        for (var i = 0; i < Weather.Stops; i++)
        {
            Loop.At(Between(1, _faults.TotalSeconds), () => AnyNode()?.Stop());
        }

        if (Weather.DatabaseOutage)
        {
            Loop.At(Between(10, _faults.TotalSeconds), () =>
            {
                Note($"database outage");
                IsDatabaseAway = true;
                Loop.At(Between(1, 60), () => IsDatabaseAway = false);
            });
        }
    }

    /// <summary>All that it had in memory is gone; another starts in its place.</summary>
    public void Fell(SimNode? node, string how)
    {
        if (node is not { IsAlive: true })
        {
            return;
        }

        Note($"{node.Name} {how}");
        node.Kill();
        Nodes.Remove(node);
        _gone.Add(node);
        Loop.At(Between(5, 40), () => Start());
    }

    /// <summary>Who stood still for long was declared dead. It notices soon after it goes on, and ends; until then it acts.</summary>
    public void Freeze(SimNode? node)
    {
        if (node is not { Serves: true })
        {
            return;
        }

        var held = Between(1, 90);
        Note($"{node.Name} stands still for {held.TotalSeconds}");
        node.Freeze(Loop.Now + held);
        if (held > TimeSpan.FromSeconds(15))
        {
            Loop.At(TimeSpan.FromSeconds(15), () => node.IsDeclaredDead = true);
            Loop.At(held + Between(0.1, 5), () => Fell(node, "sees that it was declared dead"));
        }
    }

    private void Every(TimeSpan pause, Action action) => Loop.At(pause, () =>
    {
        action();
        Every(pause, action);
    });
}
