using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Storage;

/// <summary>Of several nodes one has a duty, until it says nothing for a minute.</summary>
public abstract class DutiesConformance
{
    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task One_node_has_a_duty_keeps_it_and_loses_it_when_it_is_gone()
    {
        await using var database = await TestDatabase.CreateAsync(Dialect);
        var clock = new FakeTimeProvider();
        Duties[] nodes = [.. Enumerable.Range(0, 3).Select(_ => new Duties(database.Database, clock))];
        var shared = Dialect == SqlDialect.Postgres;
        Assert.Equal(shared ? 1 : 3, (await Task.WhenAll(nodes.Select(node => node.HasAsync("a")))).Count(has => has));
        var holder = shared ? await HolderAsync() : nodes[0];
        var others = nodes.Where(node => node != holder).ToList();
        Assert.True(await holder.HasAsync("a"));
        clock.Advance(TimeSpan.FromSeconds(45));
        Assert.True(await holder.HasAsync("a"));
        clock.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal(!shared, await others[0].HasAsync("a"));
        Assert.True(await others[0].HasAsync("b"));

        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.True(await others[1].HasAsync("a"));
        Assert.Equal(!shared, await holder.HasAsync("a"));

        async Task<Duties> HolderAsync()
        {
            var has = await Task.WhenAll(nodes.Select(node => node.HasAsync("a")));
            return nodes[Array.IndexOf(has, true)];
        }
    }
}

public sealed class SqliteDutiesTests : DutiesConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresDutiesTests : DutiesConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
