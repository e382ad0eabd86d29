using System.Globalization;

namespace Zoetrope.Server.Budgets;

/// <summary>
/// The column <c>budgets</c> of a task: by which budgets it was counted, in which periods. <c>id@start id@start</c>; nearly no task
/// has any.
/// </summary>
internal static class BudgetHolds
{
    public static string? Write(IReadOnlyList<BudgetLine>? lines) => lines is null or { Count: 0 }
        ? null
        : string.Join(' ', lines.Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.Budget.Id}@{line.StartsAt}")));

    public static IEnumerable<(string Id, long StartsAt)> Read(string holds)
    {
        foreach (var hold in holds.Split(' '))
        {
            var at = hold.IndexOf('@', StringComparison.Ordinal);
            yield return (hold[..at], long.Parse(hold.AsSpan(at + 1), CultureInfo.InvariantCulture));
        }
    }
}
