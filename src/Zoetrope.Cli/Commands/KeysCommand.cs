using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Contracts.Admin;

namespace Zoetrope.Cli.Commands;

/// <summary><c>keys</c>: API keys, for whoever holds the operator's key.</summary>
internal static class KeysCommand
{
    public static Command Create(Interruption interruption) =>
        new("keys", "Manage API keys: those of your account (own), or of all accounts with the operator's key (ZOETROPE_ADMIN_KEY)")
        {
            List(interruption), CreateOne(interruption), Revoke(interruption), OwnKeysCommand.Create(interruption),
        };

    private static Command List(Interruption interruption)
    {
        var account = new Option<string?>("--account") { Description = "Show only this account's keys", HelpName = "id" };
        return new Command("list", "List keys, including revoked ones") { account }.Doing(interruption, async invocation =>
        {
            var keys = new List<AdminKey>();
            if (invocation.Value(account) is { } only)
            {
                keys.AddRange(await invocation.Admin.KeysAsync(only, invocation.CancellationToken));
            }
            else
            {
                await foreach (var (_, key) in AllAsync(invocation))
                {
                    keys.Add(key);
                }
            }

            invocation.Terminal.Answer(new JsonArray([.. keys.Select(Wire)]), console =>
            {
                if (keys.Count == 0)
                {
                    invocation.Terminal.Note("No keys.");
                    return;
                }

                Show(console, keys);
            });
        });
    }

    private static Command CreateOne(Interruption interruption)
    {
        var account = new Option<string>("--account") { Description = "The account's id", Required = true, HelpName = "id" };
        var mode = new Option<string>("--mode") { Description = "test (the sandbox) or live (real providers)", Required = true };
        mode.AcceptOnlyFromAmong("test", "live");
        var name = new Option<string>("--name", "-n")
        {
            Description = "What the key is for",
            DefaultValueFactory = _ => "Made with the zoetrope tool",
        };
        var scopes = new Option<string[]?>("--scope") { Description = "generate or read; both by default", HelpName = "scope" };
        scopes.AcceptOnlyFromAmong("generate", "read");
        var perMinute = new Option<long?>("--rpm") { Description = "The limit of paid calls per minute; none by default", HelpName = "n" };
        var inFlight = new Option<long?>("--in-flight") { Description = "The limit of unfinished tasks; none by default", HelpName = "n" };
        var perDay = new Option<long?>("--spend-per-day")
        {
            Description = "The limit of credits that its tasks of a UTC day may cost; none by default",
            HelpName = "credits",
        };
        var askAbove = new Option<long?>("--ask-above")
        {
            Description = "A request that costs more credits than this must be confirmed; none by default",
            HelpName = "credits",
        };
        var expires = new Option<string?>("--expires")
        {
            Description = "When the key expires, such as 2030-01-31T12:00:00Z",
            HelpName = "time",
        };
        var command = new Command("create", "Create a key; its secret is shown only once")
        {
            account, mode, name, scopes, perMinute, inFlight, perDay, askAbove, expires,
        };
        return command.Doing(interruption, async invocation =>
        {
            var wanted = new AdminKeyRequest(invocation.Value(name), invocation.Value(mode))
            {
                Scopes = invocation.Value(scopes) is { Length: > 0 } given ? given : null,
                RequestsPerMinute = invocation.Value(perMinute),
                InFlightLimit = invocation.Value(inFlight),
                SpendPerDay = invocation.Value(perDay),
                AskAbove = invocation.Value(askAbove),
                ExpiresAt = invocation.Value(expires),
            };
            var key = await invocation.Admin.CreateKeyAsync(invocation.Value(account), wanted, invocation.CancellationToken);
            invocation.Terminal.Answer(Wire(key), _ =>
            {
                Terminal.Line(key.Key ?? "");
                invocation.Terminal.Note(
                    $"{key.Id} for {key.AccountId}. Store the secret now: the server does not keep it and cannot show it again.");
            });
        });
    }

    private static Command Revoke(Interruption interruption)
    {
        var id = new Argument<string>("id") { Description = "The key's id (key_…)" };
        return new Command("revoke", "Revoke a key for good") { id }.Doing(interruption, async invocation =>
        {
            var wanted = invocation.Value(id);
            await foreach (var (account, key) in AllAsync(invocation))
            {
                if (key.Id == wanted)
                {
                    var revoked = await invocation.Admin.RevokeKeyAsync(account, wanted, invocation.CancellationToken);
                    invocation.Terminal.Answer(Wire(revoked), _ => Terminal.Line($"{revoked.Id}  revoked"));
                    return;
                }
            }

            throw new CliException(
                "KEY_NOT_FOUND",
                $"No key has the id {wanted}.",
                ExitCode.Refused,
                "zoetrope keys list shows the ids (a secret is not an id)");
        });
    }

    private static async IAsyncEnumerable<(string Account, AdminKey Key)> AllAsync(Invocation invocation)
    {
        await foreach (var account in invocation.Admin.AccountsAsync(invocation.CancellationToken))
        {
            foreach (var key in await invocation.Admin.KeysAsync(account.Id, invocation.CancellationToken))
            {
                yield return (account.Id, key);
            }
        }
    }

    private static JsonNode Wire(AdminKey key) => JsonSerializer.SerializeToNode(key, CliJson.Default.AdminKey)!;

    private static void Show(IAnsiConsole console, IReadOnlyList<AdminKey> keys)
    {
        var table = Terminal.NewTable("ID", "ACCOUNT", "MODE", "KEY", "SCOPES", "STATE", "NAME").Cutting("NAME");
        foreach (var key in keys)
        {
            var state = key.RevokedAt is not null ? "revoked" : key.ExpiresAt is null ? "active" : $"until {key.ExpiresAt}";
            table.AddRow(
                Terminal.Cell(key.Id),
                Terminal.Cell(key.AccountId),
                Terminal.Cell(key.Mode),
                Terminal.Cell(key.Prefix) + "…",
                Terminal.Cell(string.Join(',', key.Scopes)),
                Terminal.Cell(state),
                Terminal.Cell(key.Name));
        }

        console.Write(table);
    }
}
