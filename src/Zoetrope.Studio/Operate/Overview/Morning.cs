using Zoetrope.Client;
using Zoetrope.Contracts.Admin;
using Zoetrope.Studio.Operate.Providers;
using Zoetrope.Studio.Parts;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Operate.Overview;

/// <summary>What somebody who runs the server wants to know in the morning: the last 24 hours, and what waits for a person.</summary>
/// <param name="Providers">Those that are configured.</param>
/// <param name="Strips">Their last 24 hours, by name.</param>
/// <param name="Margin">What live tasks earned and cost, by provider.</param>
/// <param name="Cases">The open ones, newest first; of more than a page the newest.</param>
/// <param name="Suspense">Tasks whose provider may have billed, of which there is no open case.</param>
public sealed record Morning(
    IReadOnlyList<AdminProvider> Providers,
    IReadOnlyDictionary<string, IReadOnlyList<Heat.Cell>> Strips,
    AdminMargin Margin,
    IReadOnlyList<AdminCase> Cases,
    IReadOnlyList<AdminSuspendedTask> Suspense)
{
    public long Made => Providers.Sum(one => one.LastDay?.Completed ?? 0);

    public long Failed => Providers.Sum(one => Strip.Own(one.LastDay?.Failures ?? new Dictionary<string, long>()));

    public long Refused => Providers.Sum(one => one.LastDay?.Failures.Values.Sum() ?? 0) - Failed;

    public long Running => Providers.Sum(one => one.Running);

    public long Suspended => Cases.Sum(one => one.Suspended) + Suspense.Sum(one => one.Credits);

    /// <summary>Only what somebody must do: what mends itself is in the table.</summary>
    public IEnumerable<Need> Needs
    {
        get
        {
            foreach (var one in Providers.Where(one => one.State is "keys_refused" or "circuit_open"))
            {
                var next = one.NextTryAt is { } at ? Words.T("operate.need.next", Numbers.Moment(at)) : "";
                yield return new Need(
                    one.State == "keys_refused" ? "bad" : "warn",
                    Words.T("operate.need." + one.State, one.Title),
                    $"{one.Reason} {next}".Trim(),
                    "/operate/providers?p=" + Uri.EscapeDataString(one.Name));
            }

            if (Cases.Count + Suspense.Count is > 0 and var open)
            {
                yield return new Need(
                    "warn",
                    Words.T(open == 1 ? "operate.need.case" : "operate.need.cases", Numbers.Text(open)),
                    Words.T("operate.need.suspended", Numbers.Text(Suspended)),
                    "/operate/cases");
            }
        }
    }

    public static async Task<Morning> AskAsync(ZoetropeAdminClient admin, DateTimeOffset now)
    {
        var (providers, margin, cases, suspense) = (
            admin.ProvidersAsync(), admin.MarginAsync(now.AddDays(-1), null, "provider"), admin.CasesAsync(), admin.SuspenseAsync());
        var working = (await providers).Providers;
        var strips = await Strip.OfAllAsync(admin, working, now);
        var open = (await cases).Cases;
        var known = open.Select(one => one.TaskId).ToHashSet();
        return new Morning(
            working,
            strips,
            await margin,
            open,
            [.. (await suspense).Suspense.Where(task => !known.Contains(task.TaskId))]);
    }
}

/// <summary>Something that a person must do.</summary>
public sealed record Need(string Kind, string Title, string Words, string Link);
