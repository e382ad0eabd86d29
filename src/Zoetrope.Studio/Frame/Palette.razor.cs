using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Zoetrope.Studio.Gallery;
using Zoetrope.Studio.Parts;
using static Zoetrope.Studio.Texts.Words;

namespace Zoetrope.Studio.Frame;

public sealed partial class Palette
{
    private Sheet? _sheet;
    private string _words = "";
    private int _at;

    private List<Entry> Found =>
    [
        .. All.Where(entry => _words.Trim().Split(' ').All(word => entry.Text.Contains(word, StringComparison.CurrentCultureIgnoreCase))),
        .. _words.Trim().Length > 0
            ? (Entry[])[Of("search", T("frame.palette.search", _words.Trim()), null, () => Go(new Wanted { Words = _words.Trim() }.Address))]
            : [],
    ];

    private IEnumerable<Entry> All =>
    [
        .. Places.For(Session).SelectMany(group => group.Places).Select(place => Of(place.Icon, T(place.Text), Letters.Of(place.Path), () => Go(place.Path))),
        Of("star", T("frame.palette.stars"), null, () => Go(new Wanted { OnlyStars = true }.Address)),
        new("globe", T(Session.Mode == "live" ? "frame.palette.test" : "frame.palette.live"), "t", Session.SwitchAsync),
        new("theme", T("frame.theme"), null, Browser.ToggleThemeAsync),
        new("edit", T("frame.keys"), "?", () => Browser.CallAsync("press", "?")),
        Of("shield", T("frame.security"), null, () => Go("/account/security", isOutside: true)),
        Of("book", T("frame.reference"), null, () => Go("/docs", isOutside: true)),
        new("out", T("frame.out"), null, Session.EndAsync),
    ];

    protected override void OnInitialized() => Watch(Session);

    private static Entry Of(string icon, string text, string? keys, Action act) => new(icon, text, keys, () =>
    {
        act();
        return Task.CompletedTask;
    });

    private void Go(string path, bool isOutside = false) => Navigation.NavigateTo(path, forceLoad: isOutside);

    private Task OpenAsync()
    {
        (_words, _at) = ("", 0);
        return _sheet!.OpenAsync();
    }

    private void Write(ChangeEventArgs change) => (_words, _at) = ((string?)change.Value ?? "", 0);

    private Task PressAsync(KeyboardEventArgs key)
    {
        var found = Found;
        switch (key.Key)
        {
            case "ArrowDown" when found.Count > 0:
                _at = (_at + 1) % found.Count;
                break;
            case "ArrowUp" when found.Count > 0:
                _at = (_at + found.Count - 1) % found.Count;
                break;
            case "Enter" when _at < found.Count:
                return DoAsync(found[_at]);
        }

        return Task.CompletedTask;
    }

    private async Task DoAsync(Entry entry)
    {
        await _sheet!.CloseAsync();
        await entry.Do();
    }

    private sealed record Entry(string Icon, string Text, string? Keys, Func<Task> Do);
}
