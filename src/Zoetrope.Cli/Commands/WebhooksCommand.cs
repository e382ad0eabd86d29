using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary><c>webhooks</c>: the account's endpoints.</summary>
internal static class WebhooksCommand
{
    public static Command Create(Interruption interruption) => new("webhooks", "Manage webhook endpoints; listen prints events live")
    {
        List(interruption), CreateOne(interruption), Delete(interruption), Test(interruption), ListenCommand.Create(interruption),
    };

    private static Command List(Interruption interruption) => new Command("list", "List the endpoints")
        .Doing(interruption, async invocation =>
    {
        var hooks = await invocation.Client.WebhooksAsync(invocation.CancellationToken);
        invocation.Terminal.Answer(new JsonArray([.. hooks.Select(Wire)]), console =>
        {
            if (hooks.Count == 0)
            {
                invocation.Terminal.Note("No endpoints.");
                return;
            }

            var table = Terminal.NewTable("ID", "STATE", "EVENTS", "URL").Cutting("EVENTS", "URL");
            foreach (var hook in hooks)
            {
                table.AddRow(
                    Terminal.Cell(hook.Id),
                    Terminal.Cell(hook.State),
                    Terminal.Cell(string.Join(',', hook.Events)),
                    Terminal.Cell(hook.Url));
            }

            console.Write(table);
        });
    });

    private static Command CreateOne(Interruption interruption)
    {
        var url = new Argument<string>("url") { Description = "A public https URL" };
        var events = new Option<string[]>("--event", "-e")
        {
            Description = "A type of event to send; repeatable; all types by default",
            HelpName = "type",
        };
        var description = new Option<string?>("--description") { Description = "A note for people", HelpName = "text" };
        var command = new Command("create", "Add an endpoint; its signing secret is shown only once") { url, events, description };
        return command.Doing(interruption, async invocation =>
        {
            var request = new WebhookRequest(
                invocation.Value(url), invocation.Value(events) is { Length: > 0 } given ? given : null, invocation.Value(description));
            var hook = await invocation.Client.CreateWebhookAsync(request, invocation.CancellationToken);
            invocation.Terminal.Answer(Wire(hook), _ =>
            {
                Terminal.Line(hook.Secret ?? "");
                invocation.Terminal.Note(
                    $"{hook.Id} notifies {hook.Url}. Store the secret now: it verifies the signatures and cannot be shown again.");
            });
        });
    }

    private static Command Delete(Interruption interruption)
    {
        var id = Id();
        return new Command("delete", "Delete an endpoint and the log of its deliveries") { id }.Doing(interruption, async invocation =>
        {
            await invocation.Client.DeleteWebhookAsync(invocation.Value(id), invocation.CancellationToken);
            invocation.Terminal.Answer(
                new JsonObject { ["id"] = invocation.Value(id), ["deleted"] = true },
                _ => Terminal.Line($"{invocation.Value(id)}  deleted"));
        });
    }

    private static Command Test(Interruption interruption)
    {
        var id = Id();
        return new Command("test", "Send webhook.test to an endpoint") { id }.Doing(interruption, async invocation =>
        {
            var delivery = await invocation.Client.TestWebhookAsync(invocation.Value(id), invocation.CancellationToken);
            invocation.Terminal.Answer(
                JsonSerializer.SerializeToNode(delivery, CliJson.Default.WebhookDeliveryState)!,
                _ => Terminal.Line($"{delivery.Id}  {delivery.State}"));
        });
    }

    private static Argument<string> Id() => new("id") { Description = "The endpoint's id" };

    private static JsonNode Wire(WebhookState hook) => JsonSerializer.SerializeToNode(hook, CliJson.Default.WebhookState)!;
}
