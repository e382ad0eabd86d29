using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Parts;
using Zoetrope.Studio.Texts;
using static Zoetrope.Studio.Texts.Words;

namespace Zoetrope.Studio.Gallery;

/// <summary>Everything that was made. What is looked for stands in the address, and the server looks for it.</summary>
public sealed partial class GalleryPage
{
    private readonly List<TaskState> _tasks = [];
    private readonly Selection _selection = new();
    private Deletion _deletion = null!;
    private Collections _known = null!;
    private Wanted _wanted = new();
    private IReadOnlyList<string> _collections = [];
    private Sheet? _sheet;
    private string? _next;
    private bool _isLoaded;
    private bool _isBusy;
    private string? _trouble;
    private int _asked;

    /// <summary>Of the address; the whole of it is read in one place.</summary>
    [Parameter]
    public string? Collection { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    // What was just taken out of the collection is no longer in it.
    private IEnumerable<TaskState> Shown => _tasks.Where(task =>
        !_deletion.Hides(task) && (_wanted.Collection.Length == 0 || task.Collection == _wanted.Collection));

    private List<TaskState> Chosen => [.. Shown.Where(task => _selection.Has(task.Id))];

    public override void Dispose()
    {
        Navigation.LocationChanged -= Moved;
        _ = _deletion.FinishAsync();
        base.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _deletion = new Deletion(Session, Time);
        _known = new Collections(Session, Browser);
        Watch(_deletion);
        Navigation.LocationChanged += Moved;
        await ReadAsync();
    }

    private static DateOnly DayOf(TaskState task) =>
        DateOnly.FromDateTime(DateTimeOffset.Parse(task.CreatedAt, CultureInfo.InvariantCulture).LocalDateTime);

    private string DayWords(DateOnly day) => (DateOnly.FromDateTime(Time.GetLocalNow().DateTime).DayNumber - day.DayNumber) switch
    {
        0 => T("gallery.today"),
        1 => T("gallery.yesterday"),
        _ => day.ToString("D", CultureInfo.CurrentCulture),
    };

    private void Moved(object? sender, LocationChangedEventArgs moved) => _ = InvokeAsync(ReadAsync);

    private void Go(Wanted wanted) => Navigation.NavigateTo(wanted.Address);

    private async Task ReadAsync()
    {
        if (Wanted.Read(new Uri(Navigation.Uri)) is not { } wanted)
        {
            return;
        }

        _wanted = wanted;
        _tasks.Clear();
        _selection.Clear();
        (_isLoaded, _next) = (false, null);
        await LoadMoreAsync();
    }

    private async Task LoadMoreAsync()
    {
        var mine = ++_asked;
        try
        {
            await Catalogue.LoadAsync();
            var page = await Session.Api.ListAsync(_wanted.Query(_next));
            if (mine == _asked)
            {
                _tasks.AddRange(page.Tasks.Where(task => task.Result is not null));
                (_next, _isLoaded, _trouble) = (page.NextCursor, true, null);
                _collections = await _known.SeeAsync(_tasks);
            }
        }
        catch (ZoetropeException fault)
        {
            _trouble = Failures.Words(fault);
        }

        StateHasChanged();
    }

    private void Put(TaskState task) => _tasks[_tasks.FindIndex(known => known.Id == task.Id)] = task;

    private void Choose(TaskState task, bool isRange) => _selection.Toggle(task.Id, isRange, [.. Shown.Select(one => one.Id)]);

    private void PressedAsync(KeyboardEventArgs key)
    {
        if (key.Key == "Escape")
        {
            _selection.Clear();
        }
    }

    private Task StarAsync()
    {
        var star = !Chosen.All(task => task.Star);
        return EachAsync(task => Session.Api.ChangeTaskAsync(task.Id, star: star));
    }

    private async Task CollectAsync(string name)
    {
        if (await EachAsync(task => Session.Api.ChangeTaskAsync(task.Id, collection: name)))
        {
            _collections = await _known.SeeAsync(_tasks);
            await _sheet!.CloseAsync();
            _selection.Clear();
        }
    }

    private async Task<bool> EachAsync(Func<TaskState, Task<TaskState>> change)
    {
        (_isBusy, _trouble) = (true, null);
        try
        {
            foreach (var task in Chosen)
            {
                Put(await change(task));
            }
        }
        catch (ZoetropeException fault)
        {
            _trouble = Failures.Words(fault);
        }

        _isBusy = false;
        return _trouble is null;
    }

    private async Task DownloadAsync()
    {
        var archive = Archive.Of(Chosen, Time.GetLocalNow());
        if (archive.Bytes > Archive.MostBytes)
        {
            _trouble = T("gallery.toolarge", archive.Bytes / 1_000_000, Archive.MostBytes / 1_000_000);
            return;
        }

        (_isBusy, _trouble) = (true, null);
        StateHasChanged();
        var missing = await Browser.CallAsync<int>(
            "archive", archive.Name, archive.Files.Select(file => file.Url).ToArray(), archive.Files.Select(file => file.Name).ToArray());
        (_isBusy, _trouble) = (false, missing > 0 ? T("gallery.missing", missing, archive.Files.Count) : null);
    }

    private Task DeleteAsync()
    {
        var chosen = Chosen;
        _selection.Clear();
        return _deletion.BeginAsync(chosen);
    }
}
