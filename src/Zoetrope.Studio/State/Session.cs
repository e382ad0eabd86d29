using Microsoft.AspNetCore.Components;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.State;

/// <summary>Who is signed in, in which mode, and the client that acts as them.</summary>
public sealed class Session(NavigationManager navigation, Browser browser) : Watched
{
    private const string ModeName = "zt.mode";

    private bool _isEnding;

    public ZoetropeClient Api { get; private set; } = null!;

    /// <summary>The operator's door; it is closed to whoever is none.</summary>
    public ZoetropeAdminClient Admin { get; private set; } = null!;

    /// <summary>Whether they run the server; null until it is known.</summary>
    public bool? IsOperator { get; private set; }

    /// <summary><c>test</c> or <c>live</c>.</summary>
    public string Mode { get; private set; } = "test";

    public MeState? Me { get; private set; }

    /// <summary>Credits that are there to spend, as last heard.</summary>
    public long? Credits { get; private set; }

    public bool IsReady => Me is not null;

    /// <summary>Why there is nothing to show, in a sentence.</summary>
    public string? Trouble { get; private set; }

    public bool Has(string scope) => Me?.Credential.Scopes.Contains(scope) ?? false;

    public async Task BeginAsync()
    {
        Mode = await browser.KeptAsync(ModeName) is "live" ? "live" : "test";
        await ConnectAsync();
    }

    public async Task SwitchAsync()
    {
        Mode = Mode == "live" ? "test" : "live";
        await browser.KeepAsync(ModeName, Mode);
        await ConnectAsync();
    }

    /// <summary>Asks again what the account has.</summary>
    public async Task RefreshAsync()
    {
        try
        {
            Me = await Api.MeAsync();
            Credits = Me.Credits?.Credits;
            Trouble = null;
        }
        catch (ZoetropeRefusedException refused) when (refused.Status == 401)
        {
            SignIn();
        }
        catch (ZoetropeException fault)
        {
            Trouble = Failures.Words(fault);
        }

        Tell();
    }

    /// <summary>What an answer said of the credits that are left.</summary>
    public void Left(long credits)
    {
        Credits = credits;
        Tell();
    }

    public async Task EndAsync()
    {
        // What is under way is refused from now on, which is no reason to come back here.
        _isEnding = true;
        await browser.CallAsync("signOut");
        navigation.NavigateTo("/sign-in", forceLoad: true);
    }

    // It is asked for once: whoever becomes an operator, or is one no longer, is signed out.
    private async Task RecogniseAsync()
    {
        try
        {
            IsOperator ??= (await Api.SessionAsync()).Person.IsOperator;
        }
        catch (ZoetropeException)
        {
            // The other question says what is wrong.
        }

        Tell();
    }

    private void SignIn()
    {
        if (!_isEnding)
        {
            var here = "/" + navigation.ToBaseRelativePath(navigation.Uri);
            navigation.NavigateTo("/sign-in?next=" + Uri.EscapeDataString(here), forceLoad: true);
        }
    }

    private async Task ConnectAsync()
    {
        Me = null;
        Api?.Dispose();
        Admin?.Dispose();
        var here = new Uri(navigation.BaseUri);
        var options = new ZoetropeClientOptions { Handler = new HereHandler(here) };
        (Api, Admin) = (ZoetropeClient.OfSession(here, Mode, options), ZoetropeAdminClient.OfSession(here, options));
        Tell();
        await Task.WhenAll(RefreshAsync(), RecogniseAsync());
    }
}
