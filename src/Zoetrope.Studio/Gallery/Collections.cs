using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.State;

namespace Zoetrope.Studio.Gallery;

/// <summary>
/// The names of the account's collections, as this browser has seen them: the API says of a task which one it is in, and lists none by
/// themselves.
/// </summary>
internal sealed class Collections(Session session, Browser browser)
{
    private const int Most = 40;

    private string Name => $"zt.collections.{session.Me?.Account.Id}.{session.Mode}";

    /// <summary>All names, with those of these tasks.</summary>
    public async Task<IReadOnlyList<string>> SeeAsync(IEnumerable<TaskState> tasks)
    {
        var kept = (await browser.KeptAsync(Name) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var names = tasks.Select(task => task.Collection).OfType<string>().Concat(kept).Distinct().Take(Most)
            .Order(StringComparer.CurrentCultureIgnoreCase).ToList();
        if (!names.SequenceEqual(kept))
        {
            await browser.KeepAsync(Name, string.Join('\n', names));
        }

        return names;
    }
}
