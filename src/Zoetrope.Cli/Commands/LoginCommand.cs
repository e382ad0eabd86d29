using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Client;

namespace Zoetrope.Cli.Commands;

/// <summary><c>login</c> and <c>logout</c>: keeps a server's address and a key that was seen to work.</summary>
internal static class LoginCommand
{
    public static Command Create(Interruption interruption)
    {
        var admin = new Option<bool>("--admin") { Description = "Store the operator's key, for 'zoetrope keys'" };
        var command = new Command(
            "login", "Check a key and store it for this user; it is prompted for, or read from stdin, and never shown") { admin };
        return command.Doing(interruption, async invocation =>
        {
            var name = Connection.ProfileName(invocation.Parsed);
            var before = invocation.Profiles.Find(name);
            var address = await AddressAsync(invocation, before);
            var key = await KeyAsync(invocation, invocation.Value(admin));
            var found = invocation.Value(admin)
                ? await CheckAdminAsync(invocation, address, key)
                : await CheckAsync(invocation, address, key);
            var kept = before is not null && Uri.TryCreate(before.BaseUrl, UriKind.Absolute, out var old) && old == address
                ? before
                : new Profile { BaseUrl = address.AbsoluteUri };
            invocation.Profiles.Save(name, invocation.Value(admin) ? kept with { AdminKey = key } : kept with { ApiKey = key });
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
        });
    }

    public static Command Logout(Interruption interruption) => new Command("logout", "Delete what login stored")
        .Doing(interruption, invocation =>
    {
        var name = Connection.ProfileName(invocation.Parsed);
        invocation.Terminal.Note(
            invocation.Profiles.Remove(name)
                ? $"The profile {name} is deleted. Its keys still work; only the operator can revoke them."
                : $"The profile {name} does not exist.");
        return Task.CompletedTask;
    });

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
