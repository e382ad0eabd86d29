using Microsoft.AspNetCore.Components;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Frame;

namespace Zoetrope.Studio.Develop.Usage;

/// <summary>What the account's tasks used. The address holds what is looked at, so that it can be sent to a colleague.</summary>
public partial class UsagePage
{
    private const int Pages = 20;

    private static readonly string[] Ranges = ["7", "30", "90"];
    private static readonly string[] Dimensions = ["model", "key", "member", "tag"];
    private static readonly string[] Measures = ["credits", "count", "seconds", "failures"];

    private UsageChart? _chart;
    private UsageAmounts? _total;

    [SupplyParameterFromQuery(Name = "days")]
    public string? AskedRange { get; set; }

    [SupplyParameterFromQuery(Name = "by")]
    public string? AskedDimension { get; set; }

    [SupplyParameterFromQuery(Name = "of")]
    public string? AskedMeasure { get; set; }

    [SupplyParameterFromQuery(Name = "tag")]
    public string? AskedTag { get; set; }

    private string Range => OneOf(Ranges, AskedRange, "30");

    private string Dimension => OneOf(Dimensions, AskedDimension, "model");

    private string Measure => OneOf(Measures, AskedMeasure, "credits");

    private string Tag => string.IsNullOrWhiteSpace(AskedTag) ? "team" : AskedTag.Trim();

    private string By => Dimension == "tag" ? "tag:" + Tag : Dimension;

    private DateTimeOffset From => new DateTimeOffset(Time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(1 - int.Parse(Range, null));

    protected override object Question => $"{Range} {By} {Measure}";

    protected override async Task LoadAsync()
    {
        var groups = new List<UsageGroup>();
        var query = new UsageQuery { From = From, By = "day," + By, Limit = 1_000 };
        var days = Enumerable.Range(0, int.Parse(Range, null)).Select(day => DateOnly.FromDateTime(From.UtcDateTime).AddDays(day)).ToList();
        for (var page = 0; page < Pages; page++)
        {
            var report = await Session.Api.UsageAsync(query);
            groups.AddRange(report.Groups);
            _total = report.Total;
            if ((query = query with { Cursor = report.NextCursor }).Cursor is null)
            {
                break;
            }
        }

        _chart = UsageChart.Of(groups, By, Measure, days, await NamesAsync());
    }

    /// <summary>What people call a key or a member; whoever may not list them sees their ids.</summary>
    private async Task<Dictionary<string, string>> NamesAsync()
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Dimension == "key" && Session.Has("keys"))
        {
            await foreach (var key in Session.Api.KeysAsync(all: true))
            {
                names[key.Id] = key.Name;
            }
        }
        else if (Dimension == "member" && Session.Has("members"))
        {
            foreach (var member in await Session.Api.MembersAsync())
            {
                names[member.PersonId] = member.Name;
            }
        }

        return names;
    }

    private Task GoAsync(string name, string? value)
    {
        Navigation.Show(name, value);
        return Task.CompletedTask;
    }

    private Task SaveAsync() => TryAsync(async () =>
    {
        var query = new UsageQuery { From = From, By = "day," + By, Limit = 1_000 };
        await Browser.CallAsync("save", $"usage-{Dimension}-{Session.Mode}.csv", "text/csv", await Session.Api.UsageTableAsync(query));
    });

    private static string OneOf(string[] allowed, string? asked, string usual) => asked is not null && allowed.Contains(asked) ? asked : usual;
}
