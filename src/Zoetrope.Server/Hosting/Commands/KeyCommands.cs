using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Contracts.Admin;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Admission.Gates;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Doors.Admin;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Operator;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary><c>key create</c>, <c>key rotate</c>, <c>key revoke</c>, <c>key list</c> and <c>key limit</c>.</summary>
internal static class KeyCommands
{
    public static Command Create() => new("key", "Manage API keys, the credentials of accounts")
    {
        CreateOne(), New(), Rotate(), Revoke(), List(), GrantCommand.Create(),
    };

    public static Option<string> Mode() =>
        Restricted(new Option<string>("--mode") { Description = "test (sandbox) or live (real providers)", Required = true });

    private static Command CreateOne()
    {
        var account = new Option<string>("--account") { Description = "The account's id", Required = true };
        var mode = Mode();
        var name = new Option<string>("--name", "-n")
        {
            Description = "What the key is for",
            DefaultValueFactory = _ => "Made by the operator",
        };
        var scopes = new Option<string[]>("--scopes")
        {
            Description = "generate, read or all (the default)",
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(','))],
        };
        var expires = new Option<string?>("--expires") { Description = "When the key expires, such as 2030-01-31 or 2030-01-31T12:00:00Z" };
        var perMinute = new Option<int?>("--rpm") { Description = "The limit of paid calls per minute; none by default" };
        var inFlight = new Option<int?>("--in-flight") { Description = "The limit of unfinished tasks; none by default" };
        var spendPerDay = new Option<long?>("--spend-per-day")
        {
            Description = "The limit of credits that its tasks of a UTC day may cost; none by default",
        };
        var askAbove = new Option<long?>("--ask-above")
        {
            Description = "A request that costs more credits than this must be confirmed; none by default",
        };
        var command = new Command("create", "Create an API key; its secret is shown only once")
        {
            account, mode, name, scopes, expires, perMinute, inFlight, spendPerDay, askAbove,
        };
        return command.Answering(async (parsed, _) =>
        {
            var wanted = new NewApiKey(
                parsed.GetRequiredValue(account), AdminWire.Mode(parsed.GetRequiredValue(mode)), parsed.GetRequiredValue(name))
            {
                Scopes = ReadScopes(parsed.GetValue(scopes)),
                Limits = new KeyLimits(
                    Positive("--rpm", parsed.GetValue(perMinute), RequestRate.MaxPerMinute),
                    Positive("--in-flight", parsed.GetValue(inFlight), int.MaxValue))
                {
                    SpendPerDay = Within("--spend-per-day", parsed.GetValue(spendPerDay), 1),
                    AskAbove = Within("--ask-above", parsed.GetValue(askAbove), 0),
                },
                ExpiresAt = ReadExpiry(parsed.GetValue(expires)),
            };
            await using var database = await OperatorDatabase.OpenAsync();
            var key = AdminWire.Wire((await database.Accounts.CreateKeyAsync(Actor.CommandLine, wanted)).OrFail());

            // The bare secret, so that it can be captured: KEY=$(./run key create …)
            return new Answer(
                JsonSerializer.SerializeToNode(key, AdminJson.Default.AdminKey)!, console => console.Profile.Out.Writer.WriteLine(key.Key));
        });
    }

    private static Command New()
    {
        var mode = Mode();
        return new Command(
            "new", "Print a key for Zoetrope__Bootstrap__Key; it opens nothing until a server has begun a database with it")
        {
            mode,
        }.Answering((parsed, _) =>
        {
            var secret = ApiKeys.New(AdminWire.Mode(parsed.GetRequiredValue(mode)));
            return Task.FromResult(new Answer(
                new JsonObject { ["key"] = secret }, console => console.Profile.Out.Writer.WriteLine(secret)));
        });
    }

    private static Command Rotate()
    {
        var id = new Argument<string>("id") { Description = "The key's id (key_…)" };
        var grace = new Option<TimeSpan>("--grace")
        {
            Description = "How long the old key still works, at most 30 days: 24:00:00 is a day; by default it ends at once",
        };
        return new Command(
            "rotate",
            "Replace a key by a new one with the same rights and limits; its secret is shown only once") { id, grace }.Answering(
            async (parsed, cancellationToken) =>
        {
            var wanted = parsed.GetValue(grace);
            if (wanted < TimeSpan.Zero || wanted > TimeSpan.FromDays(30))
            {
                throw new StartException("USAGE", "--grace must be from 0 to 30 days (30.00:00:00).", StartException.BadSettings);
            }

            await using var database = await OperatorDatabase.OpenAsync();
            var found = await FindAsync(database, parsed.GetRequiredValue(id), cancellationToken);
            var key = AdminWire.Wire((await database.Accounts.RotateKeyAsync(Actor.CommandLine, found.AccountId, found.Id, wanted)).OrFail());
            return new Answer(
                JsonSerializer.SerializeToNode(key, AdminJson.Default.AdminKey)!, console => console.Profile.Out.Writer.WriteLine(key.Key));
        });
    }

    public static async Task<ApiKey> FindAsync(OperatorDatabase database, string id, CancellationToken cancellationToken) =>
        await AllAsync(database.Accounts).FirstOrDefaultAsync(key => key.Id == id, cancellationToken)
            ?? throw new StartException(Problems.KeyNotFound.Code, $"No key has the id {id}.");

    private static Command Revoke()
    {
        var id = new Argument<string>("id") { Description = "The key's id (key_…)" };
        return new Command(
            "revoke",
            "Revoke a key for good; when this command returns, no server accepts it") { id }.Answering(async (parsed, cancellationToken) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var found = await FindAsync(database, parsed.GetRequiredValue(id), cancellationToken);
            var key = AdminWire.Wire((await database.Accounts.RevokeKeyAsync(Actor.CommandLine, found.AccountId, found.Id)).OrFail());

            // Servers remember a caller for so long.
            await Task.Delay(CallerCache.MaxAge, TimeProvider.System, cancellationToken);
            return new Answer(JsonSerializer.SerializeToNode(key, AdminJson.Default.AdminKey)!, console => Show(console, [key]));
        });
    }

    private static Command List()
    {
        var account = new Option<string?>("--account") { Description = "Show only this account's keys" };
        var grants = new Option<bool>("--grants")
        {
            Description = "Show only the programs that keys gave access to, and what they may spend",
        };
        return new Command("list", "List keys, including revoked ones") { account, grants }.Answering(async (parsed, cancellationToken) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var keys = parsed.GetValue(account) is { } only
                ? (await database.Accounts.ListKeysAsync(only)).OrFail().ConvertAll(AdminWire.Wire)
                : await AllAsync(database.Accounts).Select(AdminWire.Wire).ToListAsync(cancellationToken);
            if (parsed.GetValue(grants))
            {
                keys = keys.FindAll(static key => key.Kind == ApiKey.GrantKind);
                return new Answer(CommandOutput.ListOf(keys, AdminJson.Default.AdminKey), console => GrantCommand.Show(console, keys));
            }

            return new Answer(CommandOutput.ListOf(keys, AdminJson.Default.AdminKey), console => Show(console, keys));
        });
    }

    private static async IAsyncEnumerable<ApiKey> AllAsync(AccountOperations operations)
    {
        await foreach (var account in AccountCommands.AllAsync(operations))
        {
            foreach (var key in (await operations.ListKeysAsync(account.Id)).OrFail())
            {
                yield return key;
            }
        }
    }

    private static Option<string> Restricted(Option<string> option)
    {
        option.AcceptOnlyFromAmong(AdminWire.Modes);
        return option;
    }

    private static Scopes ReadScopes(string[]? names) => names is not { Length: > 0 } ? Scopes.All
        : names.Except(AdminWire.ScopeNames).FirstOrDefault() is { } unknown
            ? throw new StartException(
                "USAGE", $"--scopes: '{unknown}' is not one of {string.Join(", ", AdminWire.ScopeNames)}.", StartException.BadSettings)
            : AdminWire.ScopesOf(names);

    private static DateTimeOffset? ReadExpiry(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var read = DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant);
        return read && instant > TimeProvider.System.GetUtcNow()
            ? instant
            : throw new StartException(
                "USAGE",
                $"--expires: '{text}' is not a time in the future. Write it as 2030-01-31 or 2030-01-31T12:00:00Z.",
                StartException.BadSettings);
    }

    private static int? Positive(string option, int? value, int max) =>
        value is null or > 0 && !(value > max)
            ? value
            : throw new StartException("USAGE", $"{option} must be from 1 to {max}.", StartException.BadSettings);

    public static long? Within(string option, long? value, long min) => value is null || (value >= min && value <= CreditLedger.MaxAmount)
        ? value
        : throw new StartException("USAGE", $"{option} must be from {min} to {CreditLedger.MaxAmount}.", StartException.BadSettings);

    public static string State(AdminKey key) =>
        key.RevokedAt is not null ? "revoked" : key.ExpiresAt is { } end ? $"until {end[..10]}" : "active";

    private static void Show(IAnsiConsole console, IReadOnlyList<AdminKey> keys)
    {
        var table = CommandOutput.NewTable("ID", "ACCOUNT", "MODE", "KEY", "SCOPES", "STATE", "NAME").Cutting("NAME").Otherwise("No keys.");
        foreach (var key in keys)
        {
            table.AddRow(
                key.Id,
                key.AccountId,
                key.Mode,
                key.Kind == ApiKey.GrantKind ? "grant" : Markup.Escape(key.Prefix) + "…",
                string.Join(',', key.Scopes),
                State(key),
                Markup.Escape(key.Name));
        }

        console.Write(table);
    }
}
