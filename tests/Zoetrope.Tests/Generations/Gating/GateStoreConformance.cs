using System.Collections.Immutable;
using Zoetrope.Server.Generations.Gating;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Gating;

/// <summary>The row of a gate: it says what was written, whoever is late writes nothing, and a vendor's words never break it.</summary>
public abstract class GateStoreConformance
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task A_gate_is_read_as_it_was_written_and_only_the_first_of_two_writers_writes()
    {
        await using var database = await TestDatabase.CreateAsync(Dialect);
        var state = new GateState
        {
            Failures = 5,
            Opened = 1,
            OpenUntil = Now.AddSeconds(15),
            Reason = "500: out of \0 order",
            Keys = ImmutableSortedDictionary<string, KeyRest>.Empty.Add("ab12cd34", new KeyRest(2, Now.AddMinutes(1), "pay \"first\" \0"))
                .Add("old00000", new KeyRest(9, Now.AddDays(-2), "long ago")),
        };
        Assert.Equal(SharedGate.Untouched, await FindAsync(database, "bfl"));
        Assert.True(await SwapAsync(database, new GateChange(SharedGate.Untouched, state, 1)));
        Assert.False(await SwapAsync(database, new GateChange(SharedGate.Untouched, GateState.Fresh, 1)));

        var row = await FindAsync(database, "bfl");
        Assert.Equal((1, 5, 1, Now.AddSeconds(15), default(DateTimeOffset), "500: out of   order"), (row.Version, row.State.Failures, row.State.Opened, row.State.OpenUntil, row.State.ProbeUntil, row.State.Reason));
        var key = Assert.Single(row.State.Keys);
        Assert.Equal(("ab12cd34", new KeyRest(2, Now.AddMinutes(1), "pay \"first\"  ")), (key.Key, key.Value));

        Assert.True(await SwapAsync(database, new GateChange(row, row.State.Probing(Now), 0)));
        Assert.False(await SwapAsync(database, new GateChange(row, row.State.Probing(Now), 0)));
        var all = await database.Database.ReadAsync(GateStore.AllAsync);
        Assert.Equal((2, Now.AddSeconds(15)), (all["bfl"].Version, all["bfl"].State.ProbeUntil));
    }

    [Fact]
    public async Task What_two_nodes_learn_at_once_is_added_up_and_nothing_is_counted_twice()
    {
        await using var database = await TestDatabase.CreateAsync(Dialect);
        ProviderGate[] nodes = [.. Enumerable.Range(0, 2).Select(_ => new ProviderGate("bfl", [ProviderKey.None], guarded: true, TimeProvider.System))];
        foreach (var node in nodes)
        {
            node.Learn(ProviderKey.None, new SubmitResult.Unknown("broken"));
        }

        var changes = nodes.Select(node => node.Unwritten()!).ToList();
        Assert.True(await SwapAsync(database, changes[0]));
        nodes[0].Written(changes[0]);
        Assert.False(await SwapAsync(database, changes[1]));
        nodes[1].See(await FindAsync(database, "bfl"));
        Assert.True(await SwapAsync(database, nodes[1].Unwritten()!));
        nodes[1].Written(nodes[1].Unwritten()!);

        var row = await FindAsync(database, "bfl");
        Assert.Equal((2, 2), (row.Version, row.State.Failures));
        Assert.Equal((1, 2), (nodes[0].Version, nodes[1].Version));
        nodes[0].See(row);
        Assert.Null(nodes[0].Unwritten());
        Assert.Equal(2, nodes[0].Take().Seen);
    }

    private static ValueTask<SharedGate> FindAsync(TestDatabase database, string provider) =>
        database.Database.ReadAsync(session => GateStore.FindAsync(session, provider));

    private static Task<bool> SwapAsync(TestDatabase database, GateChange change) =>
        database.Database.InTransactionAsync(tx => GateStore.SwapAsync(tx, "bfl", change, Now));
}

public sealed class SqliteGateStoreTests : GateStoreConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresGateStoreTests : GateStoreConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
