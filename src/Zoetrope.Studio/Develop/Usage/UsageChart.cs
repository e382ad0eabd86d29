using System.Globalization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Parts;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Develop.Usage;

/// <summary>Usage by day and one other dimension, as bars and as rows.</summary>
internal sealed class UsageChart
{
    private const int Shown = 5;

    private UsageChart(IReadOnlyList<string> names, IReadOnlyList<Bars.Bar> bars, IReadOnlyList<(string Name, UsageAmounts Amounts)> rows) =>
        (Names, Bars, Rows) = (names, bars, rows);

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<Bars.Bar> Bars { get; }

    public IReadOnlyList<(string Name, UsageAmounts Amounts)> Rows { get; }

    /// <param name="groups">By day and by <paramref name="by"/>.</param>
    /// <param name="by">The dimension.</param>
    /// <param name="of">What the bars measure.</param>
    /// <param name="days">Every day of the span, also one without tasks.</param>
    /// <param name="names">What people call the ids.</param>
    public static UsageChart Of(
        IReadOnlyList<UsageGroup> groups, string by, string of, IReadOnlyList<DateOnly> days, IReadOnlyDictionary<string, string> names)
    {
        var rows = groups.GroupBy(group => group.Group[by])
            .Select(group => (Id: group.Key, Amounts: group.Select(one => one.Amounts).Aggregate(Add)))
            .OrderByDescending(row => Measure(row.Amounts, of)).ThenBy(row => row.Id, StringComparer.Ordinal).ToList();
        var top = rows.Take(Shown).Select(row => row.Id).ToList();
        var parts = rows.Count > Shown ? Shown + 1 : rows.Count;
        var values = groups.GroupBy(group => group.Group["day"][..10]).ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);
        var bars = days.Select(day =>
        {
            var heights = new double[parts];
            foreach (var one in values.GetValueOrDefault(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), []))
            {
                var place = top.IndexOf(one.Group[by]);
                heights[place < 0 ? parts - 1 : place] += Math.Max(0, Measure(one.Amounts, of));
            }

            var label = day.ToString("d", CultureInfo.CurrentCulture);
            return new Bars.Bar(label, $"{label}: {Numbers.Text(heights.Sum())}", heights);
        }).ToList();
        string Name(string id) => id.Length == 0 ? Words.T("develop.usage.nobody") : names.GetValueOrDefault(id, id);
        return new UsageChart(
            [.. top.Select(Name), .. rows.Count > Shown ? [Words.T("develop.usage.others")] : Array.Empty<string>()],
            bars,
            [.. rows.Select(row => (Name(row.Id), row.Amounts))]);
    }

    private static double Measure(UsageAmounts amounts, string of) => of switch
    {
        "count" => amounts.Requests,
        "seconds" => amounts.Seconds,
        "failures" => amounts.Failed,
        _ => amounts.Credits,
    };

    private static UsageAmounts Add(UsageAmounts a, UsageAmounts b) => new(
        a.Requests + b.Requests, a.Succeeded + b.Succeeded, a.Failed + b.Failed, a.Cancelled + b.Cancelled, a.Credits + b.Credits,
        a.Charged + b.Charged, a.Refunded + b.Refunded, a.Seconds + b.Seconds, a.Bytes + b.Bytes);
}
