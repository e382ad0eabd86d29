using Microsoft.AspNetCore.Components;
using Zoetrope.Client;
using Zoetrope.Contracts.Admin;

namespace Zoetrope.Studio.Operate.Tasks;

/// <summary>The tasks of all accounts, without their words. The address holds the filter.</summary>
public partial class TasksPage
{
    private static readonly string[] Statuses = ["pending", "processing", "completed", "failed", "cancelled"];

    private readonly List<AdminTask> _tasks = [];
    private string? _cursor;

    [SupplyParameterFromQuery(Name = "status")]
    public string? Status { get; set; }

    [SupplyParameterFromQuery(Name = "mode")]
    public string? Mode { get; set; }

    [SupplyParameterFromQuery(Name = "provider")]
    public string? Provider { get; set; }

    [SupplyParameterFromQuery(Name = "model")]
    public string? Model { get; set; }

    [SupplyParameterFromQuery(Name = "account")]
    public string? Account { get; set; }

    [SupplyParameterFromQuery(Name = "code")]
    public string? Code { get; set; }

    private AdminTaskFilter Filter => new() { Status = Status, Mode = Mode, Provider = Provider, Model = Model, AccountId = Account, ErrorCode = Code };

    protected override object Question => Filter;

    protected override async Task LoadAsync()
    {
        _cursor = null;
        _tasks.Clear();
        await OlderAsync();
    }

    private async Task OlderAsync()
    {
        var page = await Admin.TasksAsync(Filter, _cursor);
        _tasks.AddRange(page.Tasks);
        _cursor = page.NextCursor;
    }
}
