using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>
/// The database as one node reaches it: answers are slow, so that others move rows in between; it goes away before a commit, and
/// after it, when nobody hears that it was done.
/// </summary>
internal sealed class SimDatabase(SimNode node, SimRows rows) : Database
{
    private const int MostInOneStep = 2_000;

    private int _step;
    private int _inStep;

    private SimWorld World => node.World;

    public override SqlDialect Dialect => SqlDialect.Sqlite;

    public override bool MayPass(Exception exception) => exception is SimAwayException;

    public override bool IsDuplicate(Exception exception) => SqliteDatabase.SaysDuplicate(exception);

    public override async Task<T> InTransactionAsync<T>(Func<Tx, Task<T>> work)
    {
        Count();
        await SometimesAsync();
        var fate = World.Weather.Database;
        if (World.IsDatabaseAway || World.Fault(fate / 4))
        {
            World.Note($"{node.Name} database away");
            throw new SimAwayException();
        }

        var result = rows.Run(work, forget: World.Lie is SimLie.CommitsAreForgotten && World.Fault(0.02));
        World.Checks.AfterCommit(node);
        if (World.Fault(fate / 4))
        {
            World.Note($"{node.Name} commit unheard");
            throw new SimAwayException();
        }

        await SometimesAsync();
        return result;
    }

    public override async ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> read)
    {
        Count();
        if (World.IsDatabaseAway || World.Fault(World.Weather.Database / 10))
        {
            throw new SimAwayException();
        }

        var result = rows.Read(read);
        await SometimesAsync();
        return result;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // A loop that only asks the database would never end here.
    private void Count()
    {
        (_step, _inStep) = _step == World.Steps ? (_step, _inStep + 1) : (World.Steps, 0);
        if (_inStep > MostInOneStep)
        {
            throw World.Checks.Fail($"{node.Name} asks the database again and again: {Environment.StackTrace}");
        }
    }

    private Task SometimesAsync() => World.Fault(World.Weather.Database) ? node.After(World.Between(0.001, 3)) : Task.CompletedTask;
}

/// <summary>The database is away; the same work may succeed later.</summary>
internal sealed class SimAwayException() : Exception("the simulated database is away");
