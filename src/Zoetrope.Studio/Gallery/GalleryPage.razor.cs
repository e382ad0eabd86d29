using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Texts;
using static Zoetrope.Studio.Texts.Words;

namespace Zoetrope.Studio.Gallery;

/// <summary>Everything that was made. What is looked for stands in the address, and the server looks for it.</summary>
public sealed partial class GalleryPage
{
    private const int PageSize = 60;

    private static readonly TimeSpan Regret = TimeSpan.FromSeconds(8);

    private readonly List<TaskState> _tasks = [];
    private string _words = "";
    private string _kind = "";
    private bool _onlyStars;
    private string? _next;
    private bool _isLoaded;
    private string? _trouble;
    private TaskState? _deleted;
    private int _asked;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    private bool IsFiltered => _words.Length > 0 || _kind.Length > 0 || _onlyStars;

    private string Described => string.Join(", ", new[]
    {
        _words.Length > 0 ? "“" + _words + "”" : "", _kind.Length > 0 ? T("gallery.kind." + _kind) : "", _onlyStars ? T("gallery.starred") : "",
    }.Where(part => part.Length > 0));

    public override void Dispose()
    {
        Navigation.LocationChanged -= Moved;

        // Whoever leaves has not regretted it.
        if (_deleted is not null)
        {
            _ = FinishAsync(_deleted);
        }

        base.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
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

    private Task GoAsync(string? words = null, string? kind = null, bool? stars = null)
    {
        var wanted = new Dictionary<string, object?>
        {
            ["q"] = (words ?? _words) is { Length: > 0 } q ? q : null,
            ["kind"] = (kind ?? _kind) is { Length: > 0 } k ? k : null,
            ["star"] = stars ?? _onlyStars ? "true" : null,
        };
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters("/gallery", wanted));
        return Task.CompletedTask;
    }

    private async Task ReadAsync()
    {
        var address = new Uri(Navigation.Uri);
        if (!address.AbsolutePath.StartsWith("/gallery", StringComparison.Ordinal))
        {
            return;
        }

        var query = address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => Uri.UnescapeDataString(part[^1].Replace('+', ' ')));
        _words = query.GetValueOrDefault("q", "");
        _kind = query.GetValueOrDefault("kind", "");
        _onlyStars = query.ContainsKey("star") || address.AbsolutePath == "/gallery/stars";
        _tasks.Clear();
        (_isLoaded, _next) = (false, null);
        await LoadMoreAsync();
    }

    private async Task LoadMoreAsync()
    {
        var mine = ++_asked;
        try
        {
            await Catalogue.LoadAsync();
            var page = await Session.Api.ListAsync(new TaskQuery
            {
                Status = "completed",
                Limit = PageSize,
                Cursor = _next,
                Words = _words.Length > 0 ? _words : null,
                Type = _kind.Length > 0 ? _kind : null,
                Star = _onlyStars ? true : null,
            });
            if (mine == _asked)
            {
                _tasks.AddRange(page.Tasks.Where(task => task.Result is not null));
                (_next, _isLoaded, _trouble) = (page.NextCursor, true, null);
            }
        }
        catch (ZoetropeException fault)
        {
            _trouble = Failures.Words(fault);
        }

        StateHasChanged();
    }

    private void Put(TaskState task) => _tasks[_tasks.FindIndex(known => known.Id == task.Id)] = task;

    private async Task DeleteAsync(TaskState task)
    {
        if (_deleted is { } before)
        {
            await FinishAsync(before);
        }

        _deleted = task;
        StateHasChanged();
        await Task.Delay(Regret, Time);
        if (_deleted == task)
        {
            await FinishAsync(task);
            StateHasChanged();
        }
    }

    private void Undo() => _deleted = null;

    private async Task FinishAsync(TaskState task)
    {
        _deleted = null;
        _tasks.Remove(task);
        try
        {
            await Session.Api.DeleteResultAsync(task.Id);
        }
        catch (ZoetropeException fault)
        {
            _trouble = Failures.Words(fault);
        }
    }
}
