using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Client;

namespace Zoetrope.Studio.Create;

/// <summary>The first page: what was made, and the composer.</summary>
public sealed partial class CreatePage
{
    private Composition _composition = null!;
    private Maker? _maker;
    private bool _hasSide;
    private string? _shown;

    [SupplyParameterFromQuery]
    public string? Use { get; set; }

    [SupplyParameterFromQuery]
    public string? Of { get; set; }

    private bool HasTasks => Feed.Tasks.Any();

    protected override async Task OnInitializedAsync()
    {
        Watch(Feed);
        Watch(Catalogue);
        _hasSide = await Browser.KeptAsync("zt.side") != "0";
        await Task.WhenAll(Catalogue.LoadAsync(), Feed.BeginAsync());
        _composition = new Composition(Catalogue);
        _maker = ActivatorUtilities.CreateInstance<Maker>(Services, _composition);
        StateHasChanged();
        await _maker.BeginAsync();
        var typed = await Browser.CallAsync<string?>("typed");
        if (typed is { Length: > 0 })
        {
            _composition.Write(typed);
        }

        await RecallAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // What is new is seen, as in a conversation; what is older does not move the page.
        if (_maker is not null && Catalogue.Families.Count > 0 && Feed.Tasks.LastOrDefault()?.Id is { } last && _shown != last)
        {
            _shown = last;
            await Browser.CallAsync("toEnd");
        }
    }

    // A result's page sends here what is to be used of it.
    private async Task RecallAsync()
    {
        if (Of is { Length: > 0 } task && RecallAddress.Read(Use) is not Recalled.None and var parts)
        {
            try
            {
                _composition.Recall(await Session.Api.GetAsync(task), parts);
            }
            catch (ZoetropeRefusedException)
            {
                // An old address: there is nothing to use.
            }

            Navigation.NavigateTo("/", replace: true);
            await FocusAsync();
        }
    }

    private async Task ToggleSideAsync()
    {
        _hasSide = !_hasSide;
        await Browser.KeepAsync("zt.side", _hasSide ? "1" : "0");
    }

    private Task FocusAsync() => Browser.CallAsync("focus", "prompt");

    public override void Dispose()
    {
        _maker?.End();
        base.Dispose();
    }
}
