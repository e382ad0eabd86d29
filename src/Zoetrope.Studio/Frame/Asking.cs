using Microsoft.AspNetCore.Components;
using Zoetrope.Client;
using Zoetrope.Studio.Parts;
using Zoetrope.Studio.State;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Frame;

/// <summary>A page that asks the API for what it shows and says in words what goes wrong.</summary>
public abstract class Asking : Watching
{
    private object? _answered;

    [Inject]
    protected Session Session { get; set; } = null!;

    /// <summary>Where the page can ask for a fresh proof; null where nothing needs one.</summary>
    protected Proof? Proof { get; set; }

    protected string? Trouble { get; private set; }

    protected bool IsBusy { get; private set; }

    protected bool IsLoaded { get; private set; }

    /// <summary>What the address asks for, where it holds a filter: when that is another, the page asks anew.</summary>
    protected virtual object? Question => null;

    protected abstract Task LoadAsync();

    protected override async Task OnInitializedAsync() => IsLoaded = await RefreshAsync();

    protected override async Task OnParametersSetAsync()
    {
        if (IsLoaded && !Equals(_answered, Question))
        {
            await RefreshAsync();
        }
    }

    /// <summary>Asks for everything again.</summary>
    /// <returns>Whether it was answered.</returns>
    public Task<bool> RefreshAsync() => TryAsync(() =>
    {
        _answered = Question;
        return LoadAsync();
    });

    /// <summary>Does it, and once more after a fresh proof where the server wants one.</summary>
    /// <returns>Whether it was done; if not, <see cref="Trouble"/> says why, unless the person gave up.</returns>
    protected async Task<bool> TryAsync(Func<Task> act)
    {
        (IsBusy, Trouble) = (true, null);
        try
        {
            await act();
            return true;
        }
        catch (ZoetropeRefusedException refused) when (refused.Code == "PROOF_NEEDED" && Proof is not null)
        {
            return await Proof.AskAsync() && await TryAsync(act);
        }
        catch (ZoetropeRefusedException refused) when (refused.Status == 401)
        {
            await Session.RefreshAsync();
            return false;
        }
        catch (ZoetropeException fault)
        {
            Trouble = Failures.Words(fault);
            return false;
        }
        finally
        {
            IsBusy = false;
            StateHasChanged();
        }
    }

    /// <summary>What was wrong is forgotten when a new attempt begins.</summary>
    protected void Calm() => Trouble = null;
}
