namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>How bad one seed is: how often each kind of fault comes. Many seeds are calm in most respects, so that single faults are seen alone.</summary>
internal sealed record SimWeather
{
    public required int Nodes { get; init; }

    /// <summary>Slow answers of the database; a quarter as often it is away, or a commit is not heard of.</summary>
    public required double Database { get; init; }

    /// <summary>Nodes that are killed in the time of faults.</summary>
    public required int Crashes { get; init; }

    /// <summary>Nodes that stand still for a while and then go on as if nothing had happened.</summary>
    public required int Freezes { get; init; }

    /// <summary>Nodes that are stopped as an operator would.</summary>
    public required int Stops { get; init; }

    /// <summary>Requests and answers that are lost between us and vendors.</summary>
    public required double Network { get; init; }

    /// <summary>Vendors that refuse, fail, are away, finish late or never.</summary>
    public required double Vendors { get; init; }

    /// <summary>Callbacks that are lost, repeated, late and out of order; hints between nodes that are lost.</summary>
    public required double Messages { get; init; }

    public required bool DatabaseOutage { get; init; }

    public static SimWeather Of(Random random)
    {
        var nodes = random.Next(1, 4);
        return new SimWeather
        {
            Nodes = nodes,
            Database = Rate(random, 0.2),
            Crashes = random.Next(0, 4),
            Freezes = nodes > 1 ? random.Next(0, 3) : 0,
            Stops = random.Next(0, 4) == 0 ? 1 : 0,
            Network = Rate(random, 0.4),
            Vendors = Rate(random, 0.4),
            Messages = Rate(random, 0.4),
            DatabaseOutage = random.Next(0, 5) == 0,
        };
    }

    private static double Rate(Random random, double most) => random.Next(0, 3) == 0 ? 0 : random.NextDouble() * most;
}

/// <summary>A fault beyond what the product promises to survive: the checks must notice each of them.</summary>
internal enum SimLie
{
    None,

    /// <summary>A vendor that has the job says that it has not.</summary>
    VendorDeniesJobs,

    /// <summary>A vendor with an idempotency key makes a second job for it.</summary>
    VendorIgnoresIdempotencyKeys,

    /// <summary>The database says that a commit is done, and forgets it.</summary>
    CommitsAreForgotten,

    /// <summary>An adapter sends although its node was held up for longer than its lease.</summary>
    AdapterIgnoresFence,

    /// <summary>An adapter sends a lost paid request again by itself.</summary>
    AdapterRetriesSubmits,

    /// <summary>A request is under way for longer than a lease lasts.</summary>
    NetworkIsSlowerThanLeases,

    /// <summary>A row is saved whatever its version is.</summary>
    SavesIgnoreVersions,

    /// <summary>A scheduler counts no places.</summary>
    PlacesAreNotCounted,
}
