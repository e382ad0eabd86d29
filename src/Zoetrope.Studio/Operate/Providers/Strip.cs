using System.Globalization;
using Zoetrope.Client;
using Zoetrope.Contracts.Admin;
using Zoetrope.Studio.Parts;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Operate.Providers;

/// <summary>The last 24 hours of a provider in half hours, and what of its failures is its own fault.</summary>
internal static class Strip
{
    public const int Cells = 48;

    private static readonly TimeSpan Step = TimeSpan.FromMinutes(30);

    // What a customer sent or called off says nothing of the provider.
    private static readonly string[] OfCustomers = ["invalid_input", "content_refused", "canceled"];

    public static long Own(IReadOnlyDictionary<string, long> failures) => failures.Where(kind => !OfCustomers.Contains(kind.Key)).Sum(kind => kind.Value);

    /// <summary>Those of some providers, by name.</summary>
    public static async Task<Dictionary<string, IReadOnlyList<Heat.Cell>>> OfAllAsync(
        ZoetropeAdminClient admin, IEnumerable<AdminProvider> providers, DateTimeOffset now) =>
        (await Task.WhenAll(providers.Select(one => admin.ProviderHistoryAsync(one.Name)))).ToDictionary(one => one.Provider, one => Of(one, now));

    public static IReadOnlyList<Heat.Cell> Of(AdminProviderHistory history, DateTimeOffset now)
    {
        var (good, bad) = (new long[Cells], new long[Cells]);
        var end = new DateTimeOffset((now.UtcTicks / Step.Ticks * Step.Ticks) + Step.Ticks, TimeSpan.Zero);
        foreach (var minute in history.Minutes)
        {
            var at = Cells - 1 - (int)((end - DateTimeOffset.Parse(minute.Minute, CultureInfo.InvariantCulture) - TimeSpan.FromTicks(1)) / Step);
            if (at is >= 0 and < Cells)
            {
                good[at] += minute.Completed;
                bad[at] += Own(minute.Failures);
            }
        }

        return
        [
            .. Enumerable.Range(0, Cells).Select(at =>
            {
                var label = (end - ((Cells - at) * Step)).ToLocalTime().ToString("t", CultureInfo.CurrentCulture);
                return new Heat.Cell(label, Words.T("operate.cell", label, Numbers.Text(good[at]), Numbers.Text(bad[at])), good[at], bad[at]);
            }),
        ];
    }

    public static string Label(string title, IReadOnlyList<Heat.Cell> cells) =>
        Words.T("operate.strip", title, Numbers.Text(cells.Sum(cell => cell.Good)), Numbers.Text(cells.Sum(cell => cell.Bad)));
}
