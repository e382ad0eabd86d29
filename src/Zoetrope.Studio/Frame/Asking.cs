using Microsoft.AspNetCore.Components;
using Zoetrope.Client;
using Zoetrope.Studio.Parts;
using Zoetrope.Studio.State;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Frame;

/// <summary>A page that asks the API for what it shows and says in words what goes wrong.</summary>
public abstract class Asking : Watching
{
    [Inject]
    protected Session Session { get; set; } = null!;

    /// <summary>Where the page can ask for a fresh proof; null where nothing needs one.</summary>
    protected Proof? Proof { get; set; }

    protected string? Trouble { get; private set; }

    protected bool IsBusy { get; private set; }

    protected bool IsLoaded { get; private set; }

    protected abstract Task LoadAsync();

    protected override async Task OnInitializedAsync() => IsLoaded = await TryAsync(LoadAsync);

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
