using System.Globalization;
using Microsoft.AspNetCore.Components;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Parts;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Operate.Audit;

/// <summary>Who changed what, of every account and of the server. The address holds the filter.</summary>
public partial class AuditLogPage
{
    private readonly List<AuditRecord> _entries = [];
    private AuditRecord? _open;
    private Sheet? _sheet;
    private string? _cursor;

    [SupplyParameterFromQuery(Name = "account")]
    public string? Account { get; set; }

    [SupplyParameterFromQuery(Name = "action")]
    public string? Action { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    public string? From { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    public string? To { get; set; }

    protected override object Question => string.Join('\n', Account, Action, From, To);

    protected override async Task LoadAsync()
    {
        _cursor = null;
        _entries.Clear();
        await OlderAsync();
    }

    private async Task OlderAsync()
    {
        // The last day that is asked for counts to its end.
        var page = await Admin.AuditAsync(Account, Action, Day(From), Day(To)?.AddDays(1), _cursor);
        _entries.AddRange(page.Entries);
        _cursor = page.NextCursor;
    }

    private Task LookAsync(AuditRecord entry)
    {
        _open = entry;
        StateHasChanged();
        return _sheet!.OpenAsync();
    }

    private static DateTimeOffset? Day(string? text) =>
        DateTime.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var day) ? day : null;

    private static IEnumerable<(string Name, string Value)> Facts(AuditRecord entry) => new (string Name, string? Value)[]
    {
        ("develop.when", Numbers.Moment(entry.At)),
        ("operate.actor", Words.T("operate.actor." + entry.Actor)),
        ("operate.credential", entry.ActorId),
        ("operate.person", entry.PersonId),
        ("operate.door", entry.Door),
        ("operate.target", entry.Target),
        ("frame.account", entry.AccountId),
        ("operate.address", entry.Address),
        ("operate.request.ours", entry.RequestId),
    }.Where(fact => fact.Value is { Length: > 0 }).Select(fact => (fact.Name, fact.Value!));
}
