using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary><c>keys own</c>: the account's API keys, for whoever holds a key with the scope <c>keys</c>.</summary>
internal static class OwnKeysCommand
{
    public static Command Create(Interruption interruption) =>
        new("own", "Manage your account's API keys with your own key, which needs the scope keys; no operator's key is needed")
        {
            List(interruption), CreateOne(interruption), Change(interruption), Rotate(interruption), Revoke(interruption),
        };

    private static Command List(Interruption interruption)
    {
        var all = new Option<bool>("--all") { Description = "Also those that were revoked or have expired" };
        return new Command("list", "List the keys that your key may manage, newest first") { all }.Doing(interruption, async invocation =>
        {
            var keys = await invocation.Client.KeysAsync(invocation.Value(all), invocation.CancellationToken)
                .ToListAsync(invocation.CancellationToken);
            invocation.Terminal.Answer(new JsonArray([.. keys.Select(Wire)]), console => Show(console, keys));
        });
    }

    private static Command CreateOne(Interruption interruption)
    {
        var name = new Option<string>("--name", "-n") { Description = "What the key is for", Required = true };
        var mode = new Option<string?>("--mode") { Description = "test or live; by default that of your key" };
        mode.AcceptOnlyFromAmong("test", "live");
        var limits = new LimitOptions();
        var command = new Command("create", "Create a key, never wider than yours; its secret is shown only once") { name, mode };
        limits.AddTo(command);
        return command.Doing(interruption, async invocation => Told(invocation, await invocation.Client.CreateKeyAsync(
            limits.Read(invocation) with { Name = invocation.Value(name), Mode = invocation.Value(mode) }, invocation.CancellationToken)));
    }

    private static Command Change(Interruption interruption)
    {
        var id = Id();
        var name = new Option<string?>("--name", "-n") { Description = "What the key is for" };
        var limits = new LimitOptions();
        var command = new Command("change", "Change what a key may do, up to what yours may") { id, name };
        limits.AddTo(command);
        return command.Doing(interruption, async invocation =>
        {
            var request = limits.Read(invocation) with { Name = invocation.Value(name) };
            if (request == new KeyRequest())
            {
                throw new CliException("USAGE", "Nothing to change.", ExitCode.Usage, "give --name or one of the limits");
            }

            var key = await invocation.Client.ChangeKeyAsync(invocation.Value(id), request, invocation.CancellationToken);
            invocation.Terminal.Answer(Wire(key), console => Show(console, [key]));
        });
    }

    private static Command Rotate(Interruption interruption)
    {
        var id = Id();
        var grace = new Option<TimeSpan?>("--grace")
        {
            Description = "How long the old secret still works, at most 30 days: 24:00:00 is a day; by default it ends at once",
            HelpName = "time",
        };
        return new Command("rotate", "Replace a key by one with a new secret, which is shown only once") { id, grace }
            .Doing(interruption, async invocation => Told(invocation, await invocation.Client.RotateKeyAsync(
                invocation.Value(id), invocation.Value(grace), invocation.CancellationToken)));
    }

    private static Command Revoke(Interruption interruption)
    {
        var id = Id();
        return new Command("revoke", "Revoke a key for good") { id }.Doing(interruption, async invocation =>
        {
            var key = await invocation.Client.RevokeKeyAsync(invocation.Value(id), invocation.CancellationToken);
            invocation.Terminal.Answer(Wire(key), _ => Terminal.Line($"{key.Id}  revoked"));
        });
    }

    private static Argument<string> Id() => new("id") { Description = "The key's id (key_…), from zoetrope keys own list" };

    private static void Told(Invocation invocation, KeyState key) => invocation.Terminal.Answer(Wire(key), _ =>
    {
        Terminal.Line(key.Key ?? "");
        invocation.Terminal.Note($"{key.Id}. Store the secret now: the server does not keep it and cannot show it again.");
    });

    private static JsonNode Wire(KeyState key) => JsonSerializer.SerializeToNode(key, CliJson.Default.KeyState)!;

    private static void Show(IAnsiConsole console, IReadOnlyList<KeyState> keys)
    {
        var table = Terminal.NewTable("ID", "MODE", "KEY", "SCOPES", "TODAY", "A DAY", "STATE", "NAME").Cutting("NAME");
        foreach (var key in keys)
        {
            var state = key.RevokedAt is not null ? "revoked" : key.ExpiresAt is { } end ? $"until {end[..10]}" : "active";
            table.AddRow(
                Terminal.Cell(key.Id),
                Terminal.Cell(key.Mode),
                Terminal.Cell(key.Prefix) + "…",
                Terminal.Cell(string.Join(',', key.Scopes)),
                Terminal.Cell(Number(key.Spent.Today)),
                Terminal.Cell(Number(key.Limits.SpendPerDay)),
                Terminal.Cell(state),
                Terminal.Cell(key.Name));
        }

        console.Write(table);
    }

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "–";

    /// <summary>The rights and limits of a key on the command line.</summary>
    private sealed class LimitOptions
    {
        private readonly Option<string[]?> _scopes = new("--scope")
        {
            Description = "generate, read, keys, members, budgets or audit",
            HelpName = "scope",
        };

        private readonly Option<long?> _perMinute = Number("--rpm", "The limit of paid calls per minute");
        private readonly Option<long?> _inFlight = Number("--in-flight", "The limit of unfinished tasks");
        private readonly Option<long?> _perDay = Number("--spend-per-day", "The limit of credits of a UTC day");
        private readonly Option<long?> _perWeek = Number("--spend-per-week", "The limit of credits of a UTC week");
        private readonly Option<long?> _perMonth = Number("--spend-per-month", "The limit of credits of a UTC month");
        private readonly Option<long?> _inAll = Number("--spend-in-all", "The limit of credits of all its tasks");
        private readonly Option<long?> _askAbove = Number("--ask-above", "A request that costs more credits than this must be confirmed");
        private readonly Option<string[]?> _models = new("--model") { Description = "A model that it may use; repeatable", HelpName = "id" };
        private readonly Option<string[]?> _addresses = new("--address")
        {
            Description = "A network that it may be used from, such as 203.0.113.0/24; repeatable",
            HelpName = "cidr",
        };

        private readonly Option<string?> _expires = new("--expires")
        {
            Description = "When it expires, such as 2030-01-31T12:00:00Z",
            HelpName = "time",
        };

        public void AddTo(Command command)
        {
            foreach (var option in (Option[])
                [_scopes, _perMinute, _inFlight, _perDay, _perWeek, _perMonth, _inAll, _askAbove, _models, _addresses, _expires])
            {
                command.Options.Add(option);
            }
        }

        public KeyRequest Read(Invocation invocation) => new()
        {
            Scopes = List(invocation.Value(_scopes)),
            RequestsPerMinute = invocation.Value(_perMinute),
            InFlightLimit = invocation.Value(_inFlight),
            SpendPerDay = invocation.Value(_perDay),
            SpendPerWeek = invocation.Value(_perWeek),
            SpendPerMonth = invocation.Value(_perMonth),
            SpendInAll = invocation.Value(_inAll),
            AskAbove = invocation.Value(_askAbove),
            Models = List(invocation.Value(_models)),
            Addresses = List(invocation.Value(_addresses)),
            ExpiresAt = invocation.Value(_expires),
        };

        private static IReadOnlyList<string>? List(string[]? given) => given is { Length: > 0 } ? given : null;

        private static Option<long?> Number(string name, string description) => new(name) { Description = description, HelpName = "n" };
    }
}
