using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Client;
using Zoetrope.Server;

namespace Zoetrope.Cli.Commands;

/// <summary><c>webhooks listen</c>: the account's events live, for development; a laptop needs no public address for them.</summary>
internal static class ListenCommand
{
    public static Command Create(Interruption interruption)
    {
        var forward = new Option<string?>("--forward", "-f")
        {
            Description = "Also send each event to this URL, signed as the server signs it",
            HelpName = "url",
        };
        var secret = new Option<string?>("--secret")
        {
            Description = "The signing secret, whsec_… (ZOETROPE_WEBHOOK_SECRET); by default a new one is made",
            HelpName = "whsec",
        };
        var events = new Option<string[]>("--event", "-e") { Description = "Show only events of this type; repeatable", HelpName = "type" };
        var after = new Option<string?>("--after")
        {
            Description = "Show events after this cursor; 0 is the beginning; by default only new events",
            HelpName = "cursor",
        };
        var command = new Command("listen", "Print events as they happen, until Ctrl-C") { forward, secret, events, after };
        return command.Doing(interruption, async invocation =>
        {
            using var forwarding = invocation.Value(forward) is { } target
                ? new WebhookForward(Connection.Address(target, "--forward"), Secret(invocation, secret), invocation.Time)
                : null;
            var types = invocation.Value(events);
            var sending = forwarding is null ? "" : $", sending to {forwarding.Target}";
            invocation.Terminal.Note($"Listening at {invocation.Connection.BaseUrl}{sending}. Ctrl-C ends it.");
            await foreach (var happened in invocation.Client.FollowAllAsync(invocation.Value(after), invocation.CancellationToken))
            {
                if (types.Length > 0 && !types.Contains(happened.Type, StringComparer.Ordinal))
                {
                    continue;
                }

                Show(invocation, happened);

                // Webhooks do not report progress either.
                if (forwarding is not null && happened.Type != "task.progress")
                {
                    invocation.Terminal.Note($"          → {await forwarding.SendAsync(happened, invocation.CancellationToken)}");
                }
            }
        });
    }

    private static string Secret(Invocation invocation, Option<string?> option)
    {
        var given = invocation.Value(option) ?? Environment.GetEnvironmentVariable("ZOETROPE_WEBHOOK_SECRET");
        if (given is { Length: > 0 })
        {
            return given;
        }

        var made = WebhookForward.NewSecret();
        invocation.Terminal.Note($"Signing with {made}");
        return made;
    }

    private static void Show(Invocation invocation, TaskEvent happened)
    {
        var task = happened.Task;
        var wire = new JsonObject
        {
            ["type"] = happened.Type,
            ["cursor"] = happened.Cursor,
            ["data"] = JsonSerializer.SerializeToNode(task, CliJson.Default.TaskState),
        };
        invocation.Terminal.Item(wire, console =>
        {
            var colour = happened.Type switch
            {
                "task.completed" => "green",
                "task.failed" => "red",
                "task.cancelled" => "yellow",
                _ => "default",
            };
            var detail = happened.Type switch
            {
                "task.progress" => string.Create(CultureInfo.InvariantCulture, $"{task.Progress} %"),
                "task.failed" => $"{task.Error?.Code}: {task.Error?.Message}",
                "task.created" => ShortText.Of(Terminal.Clean(task.Prompt), 40),
                _ => Words.Credits(task.CreditsUsed),
            };
            var now = invocation.Time.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
            console.Markup($"[grey]{now}[/]  [{colour}]{Terminal.Cell(happened.Type).PadRight(16)}[/]  ");
            Terminal.Line($"{task.Id}  {task.Model}  {detail}");
        });
    }
}
