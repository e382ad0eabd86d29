namespace Zoetrope.Tests.Ledger;

/// <summary>What the ledger should do, with nothing but two numbers and a list.</summary>
internal sealed class LedgerModel
{
    private readonly Dictionary<int, (long Held, string State, long Settled, long Refunded)> _tasks = [];

    public long Available { get; private set; }

    public long Held { get; private set; }

    public long? HeldOf(int task) => _tasks.TryGetValue(task, out var found) ? found.Held : null;

    public string Grant(long amount)
    {
        Available += amount;
        return "Done";
    }

    public string Adjust(long amount)
    {
        if (amount < 0 && Available + amount < 0)
        {
            return "INSUFFICIENT_CREDITS";
        }

        Available += amount;
        return "Done";
    }

    public string Hold(int task, long amount)
    {
        if (Available < amount)
        {
            return "INSUFFICIENT_CREDITS";
        }

        Available -= amount;
        Held += amount;
        _tasks[task] = (amount, "Held", 0, 0);
        return "Done";
    }

    public string Settle(int task, long held, long charged)
    {
        if (!_tasks.TryGetValue(task, out var found))
        {
            return "NoSuchHold";
        }

        if (found.State != "Held")
        {
            return found.State;
        }

        Held -= held;
        Available += held - charged;
        _tasks[task] = (found.Held, charged == 0 ? "AlreadyReleased" : "AlreadySettled", charged, 0);
        return "Done";
    }

    public string Refund(int task, long amount)
    {
        if (!_tasks.TryGetValue(task, out var found) || amount > found.Settled - found.Refunded)
        {
            return "INVALID_OPERATION";
        }

        Available += amount;
        _tasks[task] = found with { Refunded = found.Refunded + amount };
        return "Done";
    }
}
