using Microsoft.AspNetCore.Components;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Gallery;
using Zoetrope.Studio.Parts;
using Zoetrope.Studio.State;

namespace Zoetrope.Studio.Results;

/// <summary>One result: the thing itself, how it was made, what happened to it, and what can be done with it.</summary>
public sealed partial class ResultPage
{
    private TaskState? _task;
    private Deletion _deletion = null!;
    private Sheet? _sheet;
    private string? _asked;

    [Parameter]
    public string Id { get; set; } = "";

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    private bool May => Session.Has("generate");

    private string Name => Catalogue.Model(_task!.Model)?.Name ?? _task.Model;

    public override void Dispose()
    {
        _ = _deletion.FinishAsync();
        base.Dispose();
    }

    protected override void OnInitialized()
    {
        _deletion = new Deletion(Session, Time);
        Watch(_deletion);
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_asked is not null && _asked != Id)
        {
            _task = null;
            await RefreshAsync();
        }
    }

    protected override async Task LoadAsync()
    {
        _asked = Id;
        await Catalogue.LoadAsync();
        _task = await Session.Api.GetFullAsync(Id);
        if (!Feed.IsOver(_task))
        {
            StateHasChanged();
            await Session.Api.WaitAsync(Id);
            _task = await Session.Api.GetFullAsync(Id);
        }
    }

    private Task StarAsync() => TryAsync(async () => Put(await Session.Api.ChangeTaskAsync(Id, star: !_task!.Star)));

    private async Task DeleteAsync()
    {
        await _deletion.BeginAsync([_task!]);
        if (_deletion.Hides(_task!))
        {
            await RefreshAsync();
        }
    }

    // What an act answers has no timeline; it does not change either.
    private void Put(TaskState task) => _task = task with { Timeline = _task?.Timeline };
}
