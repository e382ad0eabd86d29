using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Cli.Logins;
using Zoetrope.Client;

namespace Zoetrope.Cli.Commands;

/// <summary><c>login</c> and <c>logout</c>: keeps a server's address and a key that was seen to work.</summary>
internal static class LoginCommand
{
    public static Command Create(Interruption interruption)
    {
        var admin = new Option<bool>("--admin") { Description = "Store the operator's key, for 'zoetrope keys'" };
        var browser = new Option<bool>("--browser") { Description = "Log in with your browser instead of a key" };
        var noOpen = new Option<bool>("--no-open") { Description = "With --browser: print the address only" };
        var command = new Command(
            "login", "Check a key and store it for this user; it is prompted for, or read from stdin, and never shown")
        {
            admin, browser, noOpen,
        };
        return command.Doing(interruption, async invocation =>
        {
            var name = Connection.ProfileName(invocation.Parsed);
            var before = invocation.Profiles.Find(name);
            var address = await AddressAsync(invocation, before);
            if (invocation.Value(browser))
            {
                await InBrowserAsync(invocation, name, address, before, !invocation.Value(noOpen));
                return;
            }

            var key = await KeyAsync(invocation, invocation.Value(admin));
            var found = invocation.Value(admin)
                ? await CheckAdminAsync(invocation, address, key)
                : await CheckAsync(invocation, address, key);
            var kept = Kept(before, address);
            Store(invocation, name, invocation.Value(admin) ? kept with { AdminKey = key } : kept with { ApiKey = key, Login = null }, found);
        });
    }

    public static Command Logout(Interruption interruption) => new Command("logout", "End a login in a browser, and delete what login stored")
        .Doing(interruption, async invocation =>
    {
        var name = Connection.ProfileName(invocation.Parsed);
        var profile = invocation.Profiles.Find(name);
        if (profile?.Login is { } login)
        {
            using var http = invocation.NewHttpClient();
            var root = Root(Connection.Address(profile.BaseUrl, invocation.Profiles.Path));
            await new OAuthCalls(http, root, invocation.Time).RevokeAsync(login, invocation.CancellationToken);
        }

        invocation.Terminal.Note(
            !invocation.Profiles.Remove(name) ? $"The profile {name} does not exist."
            : profile is { Login: not null, ApiKey: null, AdminKey: null } ? $"The login has ended, and the profile {name} is deleted."
            : $"The profile {name} is deleted. Its keys still work; only the operator can revoke them.");
    });

    private static async Task InBrowserAsync(Invocation invocation, string name, Uri address, Profile? before, bool open)
    {
        var login = await new BrowserLogin(invocation, Root(address)).RunAsync(open);
        var found = await CheckAsync(invocation, address, login.AccessToken);
        var kept = Kept(before, address);
        if (kept.Login is { } earlier)
        {
            using var http = invocation.NewHttpClient();
            await new OAuthCalls(http, Root(address), invocation.Time).RevokeAsync(earlier, invocation.CancellationToken);
        }

        Store(invocation, name, kept with { ApiKey = null, Login = login }, found);
    }

    private static Uri Root(Uri address) => new Connection(address, null, null).Root;

    private static Profile Kept(Profile? before, Uri address) =>
        before is not null && Uri.TryCreate(before.BaseUrl, UriKind.Absolute, out var old) && old == address
            ? before
            : new Profile { BaseUrl = address.AbsoluteUri };

    private static void Store(Invocation invocation, string name, Profile profile, string found)
    {
        invocation.Profiles.Save(name, profile);
        var address = new Uri(profile.BaseUrl);
        invocation.Terminal.Answer(
            new JsonObject { ["profile"] = name, ["baseUrl"] = address.AbsoluteUri, ["file"] = invocation.Profiles.Path }, _ =>
        {
            invocation.Terminal.Note($"Logged in at {address}: {found}");
            invocation.Terminal.Note($"Stored in {invocation.Profiles.Path}{(name == Profiles.Default ? "" : $" as {name}")}.");
            if (address.Scheme == "http" && !address.IsLoopback)
            {
                invocation.Terminal.Note("This connection is not encrypted: anybody on the network path can read the key.");
            }
        });
    }

    private static async Task<Uri> AddressAsync(Invocation invocation, Profile? before)
    {
        if (invocation.Value(Connection.BaseUrlOption) is { } given)
        {
            return Connection.Address(given, "--base-url");
        }

        var usual = Environment.GetEnvironmentVariable("ZOETROPE_BASE_URL") is { Length: > 0 } variable
            ? variable
            : before?.BaseUrl ?? Connection.ThisMachine.AbsoluteUri;
        if (!invocation.Terminal.IsInteractive)
        {
            return Connection.Address(usual, "ZOETROPE_BASE_URL");
        }

        var answer = await new TextPrompt<string>("Server:")
            .DefaultValue(usual)
            .ShowAsync(invocation.Terminal.Notes, invocation.CancellationToken);
        return Connection.Address(answer.Trim(), "Server");
    }

    private static async Task<string> KeyAsync(Invocation invocation, bool admin)
    {
        var key = (admin ? null : invocation.Value(Connection.ApiKeyOption))
            ?? await AskAsync(invocation, admin ? "Operator's key:" : "API key:");
        key = key.Trim();
        return key.Length > 0 && key.All(character => character is > ' ' and < '\u007f')
            ? key
            : throw CliException.Usage("This is not a key.", "An API key begins with sk-, the operator's key with zadm-");
    }

    private static async Task<string> AskAsync(Invocation invocation, string question)
    {
        if (Console.IsInputRedirected)
        {
            return await Console.In.ReadLineAsync(invocation.CancellationToken) ?? "";
        }

        // No mask: not even the length is shown.
        return await new TextPrompt<string>(question).Secret(null).ShowAsync(invocation.Terminal.Notes, invocation.CancellationToken);
    }

    private static async Task<string> CheckAsync(Invocation invocation, Uri address, string key)
    {
        using var client = invocation.Open(address, key);
        var balance = await client.CreditsAsync(invocation.CancellationToken);
        return $"a {balance.Mode} key, {Words.Credits(balance.Credits)}.";
    }

    private static async Task<string> CheckAdminAsync(Invocation invocation, Uri address, string key)
    {
        using var client = invocation.OpenAdmin(address, key);
        await using var accounts = client.AccountsAsync(invocation.CancellationToken).GetAsyncEnumerator(invocation.CancellationToken);
        await accounts.MoveNextAsync();
        return "the operator's key.";
    }
}
