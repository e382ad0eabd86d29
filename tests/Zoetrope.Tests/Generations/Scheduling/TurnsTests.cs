using Zoetrope.Server.Generations.Scheduling;

namespace Zoetrope.Tests.Generations.Scheduling;

/// <summary>Who gets the next free place: whoever runs least, and of those whose turn it is.</summary>
public sealed class TurnsTests
{
    [Fact]
    public void Accounts_that_run_nothing_take_turns_behind_the_last_one_served() => Assert.Equal("cdabcdab", Take(["a", "b", "c", "d"], "b", [], 8));

    [Fact]
    public void Whoever_runs_least_is_next_until_all_run_as_much() => Assert.Equal("bcbcbacb", Take(["a", "b", "c"], "", new() { ["a"] = 3, ["b"] = 0, ["c"] = 1 }, 8));

    [Fact]
    public void An_account_alone_takes_every_turn() => Assert.Equal("aaaa", Take(["a"], "a", new() { ["a"] = 100, ["z"] = 0 }, 4));

    [Fact]
    public void Nine_polite_accounts_beside_one_that_floods_get_the_same_as_it() =>
        Assert.All("abcdefghij", account => Assert.Equal(5, Take([.. "abcdefghij".Select(one => $"{one}")], "", [], 50).Count(one => one == account)));

    private static string Take(string[] accounts, string last, Dictionary<string, long> running, int places)
    {
        var turns = new Turns(accounts, last, running);
        var taken = "";
        while (taken.Length < places && turns.Next() is { } turn)
        {
            taken += turn.Account;
            running[turn.Account] = running.GetValueOrDefault(turn.Account) + 1;
            turns.Again(turn);
        }

        return taken;
    }
}
