using System.Diagnostics;
using Zoetrope.Server;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Fixtures.Simulation;

namespace Zoetrope.Tests.Generations;

/// <summary>
/// The core on one thread, from a seed: the product's own objects on shared rows, with nodes that are killed and stand still,
/// vendors, networks and a database that fail in every way. `ZOETROPE_SIMULATION_SEED=n ./test Simulation` repeats one and tells its story.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const string SeedVariable = "ZOETROPE_SIMULATION_SEED";

    // A minute of both cores; beside other load, whatever it takes.
    [Fact(Timeout = 900_000)]
    public async Task Nothing_is_lost_or_paid_twice_over_two_thousand_seeds() => await RunAsync(first: 1, count: 2_000, TestContext.Current.CancellationToken);

    [Fact, Trait("Category", "Nightly")]
    public async Task Nothing_is_lost_or_paid_twice_over_two_hundred_thousand_seeds() => await RunAsync(first: 1_000_000, count: 200_000, TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_seed_repeats_exactly()
    {
        using var directory = new TemporaryDirectory();
        using var lab = new SimLab(await SimLab.TemplateAsync(directory));
        for (var seed = 1; seed <= 50; seed++)
        {
            var (first, second) = (lab.Run(seed), lab.Run(seed));
            Assert.Equal((first.Trace, first.Steps, first.Failure), (second.Trace, second.Steps, second.Failure));
        }
    }

    /// <summary>A world that breaks what the product relies on, or a product that leaves out a guard, is noticed.</summary>
    [Theory]
    [InlineData(nameof(SimLie.VendorDeniesJobs), "paid for")]
    [InlineData(nameof(SimLie.VendorIgnoresIdempotencyKeys), "paid for twice")]
    [InlineData(nameof(SimLie.CommitsAreForgotten), "")]
    [InlineData(nameof(SimLie.AdapterIgnoresFence), "paid for")]
    [InlineData(nameof(SimLie.AdapterRetriesSubmits), "paid for twice")]
    [InlineData(nameof(SimLie.NetworkIsSlowerThanLeases), "paid for")]
    [InlineData(nameof(SimLie.SavesIgnoreVersions), "")]
    [InlineData(nameof(SimLie.PlacesAreNotCounted), "places")]
    public async Task A_fault_that_may_not_be_is_found(string named, string what)
    {
        var lie = Enum.Parse<SimLie>(named);
        using var directory = new TemporaryDirectory();
        using var lab = new SimLab(await SimLab.TemplateAsync(directory));
        if (lie is SimLie.SavesIgnoreVersions)
        {
            lab.SaveWhateverTheVersion();
        }

        var found = Enumerable.Range(1, 1_000).Select(seed => lab.Run(seed, lie)).FirstOrDefault(static run => run.Failure is not null);

        Assert.True(found is not null, $"{lie} was not found; visited: {string.Join(", ", lab.Visited.Order())}");
        Assert.Contains(what, found.Failure, StringComparison.Ordinal);
        output.WriteLine($"{lie}: seed {found.Seed}: {found.Failure}");
    }

    private async Task RunAsync(int first, int count, CancellationToken cancellationToken)
    {
        using var directory = new TemporaryDirectory();
        var template = await SimLab.TemplateAsync(directory);
        if (int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out var one))
        {
            Tell(template, one);
            return;
        }

        var (began, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var threads = Math.Min(2, Environment.ProcessorCount);

        // Threads of their own: those of the pool serve the other tests' servers.
        var parts = await Task.WhenAll(Enumerable.Range(0, threads)
            .Select(part => Task.Factory.StartNew(
                () => RunPart(template, first + part, count / threads, threads, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        var failed = parts.Select(static part => part.Failed).OfType<SimRun>().MinBy(static run => run.Seed);
        Assert.True(failed is null, $"{SeedVariable}={failed?.Seed} ./test Simulation repeats it: {failed?.Failure}");
        var visited = parts.SelectMany(static part => part.Visited).ToHashSet();
        var possible = Possible();
        output.WriteLine(
            $"{count} seeds, {parts.Sum(static part => part.Steps)} steps in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s ({(Environment.CpuUsage.TotalTime - used).TotalSeconds:0.0} s of processors); "
            + $"{possible.Count(visited.Contains)} of {possible.Count} pairs of state and event. Not visited: {string.Join(", ", possible.Except(visited))}");
        Assert.Empty(visited.Except(possible));
        Assert.True(possible.Count(visited.Contains) >= 0.95 * possible.Count, $"not visited: {string.Join(", ", possible.Except(visited))}");
    }

    private static (SimRun? Failed, HashSet<(string, string)> Visited, long Steps) RunPart(
        string template, int first, int count, int stride, CancellationToken cancellationToken)
    {
        using var lab = new SimLab(template);
        var steps = 0L;
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var run = lab.Run(first + (i * stride));
            steps += run.Steps;
            if (run.Failure is not null)
            {
                return (run, lab.Visited, steps);
            }
        }

        return (null, lab.Visited, steps);
    }

    private void Tell(string template, int seed)
    {
        using var lab = new SimLab(template);
        var run = lab.Run(seed, tell: true);
        foreach (var line in run.Story)
        {
            output.WriteLine(line);
        }

        Assert.True(run.Failure is null, $"{string.Join('\n', run.Story)}\n{run.Failure}");
    }

    /// <summary>The pairs that the state machine allows in some form, asked of itself.</summary>
    private static List<(string State, string Event)> Possible()
    {
        var now = SimEvents.Now;
        return [.. from generation in SimEvents.Generations
                   from happened in SimEvents.Events
                   where Allows(generation, happened, now)
                   select (GenerationTransitions.StateOf(generation), happened.GetType().Name) into pair
                   group pair by pair into pairs
                   select pairs.Key];
    }

    private static bool Allows(Generation generation, GenerationEvent happened, DateTimeOffset now)
    {
        try
        {
            GenerationTransitions.Apply(generation, happened, now);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
