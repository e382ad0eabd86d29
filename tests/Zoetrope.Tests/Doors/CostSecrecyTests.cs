using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>
/// No answer that a customer can get says what a task costs the operator, how a price came about or what is earned with it: every
/// door is walked, for a task whose vendor named its charge.
/// </summary>
public sealed partial class CostSecrecyTests
{
    private const string Model = "flux-2-pro-text-to-image";

    [Fact]
    public async Task No_door_tells_a_customer_what_the_operator_pays_or_earns()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var provider = await FakeProvider.StartAsync();
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.None, "bfl") { ChargedMicros = 31_234 };
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Others = [adapter],
            Settings = new Dictionary<string, string?>
            {
                ["Providers:bfl:ApiKey"] = "a-key-0123456789",
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
                ["Webhooks:PollInterval"] = "00:00:00.050",
            },
        });
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync(mode: "live");
        var told = new Dictionary<string, string>();

        (await api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", customer.Key, JsonSerializer.Serialize(new { url = receiver.Url() }))).Expect(200);
        object body = new { model = Model, input = new { prompt = "a red fox", aspect_ratio = "1:1" } };
        var text = JsonSerializer.Serialize(body);
        told["estimate"] = (await api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, text)).Expect(200).Text;
        var created = (await api.GenerateAsync(customer, body)).Expect(200);
        var id = created.Data.GetProperty("id").GetString()!;
        (told["generate"], told["task"]) = (created.Text, (await api.WaitAsync(customer, id)).GetRawText());
        foreach (var path in new[]
        {
            "/api/v1/models", "/api/v1/models?type=image", "/api/v1/models?type=video", "/api/v1/tasks", $"/api/v1/tasks/{id}/events", "/api/v1/credits", "/api/v1/ledger",
            "/v1/models", $"/v1/models/{Model}",
        })
        {
            told[path] = (await api.GetAsync(customer, path)).Expect(200).Text;
        }

        told["/v1/images/generations"] = (await api.SendAsync(HttpMethod.Post, "/v1/images/generations", customer.Key, $$"""{"model":"{{Model}}","prompt":"a red fox","size":"1024x1024","response_format":"url"}""")).Expect(200).Text;

        // A failure shows the vendor's words, and a refusal those of the server.
        provider.Books.Plan(new JobPlan { Polls = [PollAnswer.Failed] });
        var failed = (await api.GenerateAsync(customer, body)).Expect(200).Data.GetProperty("id").GetString()!;
        told["failed"] = (await api.WaitAsync(customer, failed)).GetRawText();
        told["refused"] = (await api.GenerateAsync(customer, new { model = Model, input = new { prompt = "a red fox", resolution = "8K" } })).Text;

        await using (var client = await McpClients.ConnectAsync(api, customer.Key))
        {
            var tools = await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
            told["mcp tools"] = string.Join('\n', tools.Select(tool => tool.Description + tool.ProtocolTool.InputSchema.GetRawText() + tool.ProtocolTool.OutputSchema));
            foreach (var (tool, arguments) in new (string, object)[]
            {
                ("vicsee_list_models", new { }), ("estimate", new { model = Model, prompt = "a red fox" }), ("vicsee_get_task", new { task_id = id }), ("list_tasks", new { }),
            })
            {
                var result = await client.CallAsync(tool, arguments);
                told[$"mcp {tool}"] = result.Text() + result.StructuredContent;
            }
        }

        await Until.HoldsAsync(() => receiver.All.Any(item => item.Type == "task.completed") && receiver.All.Any(item => item.Type == "task.failed"), () => receiver.Received);
        told["webhooks"] = string.Join('\n', receiver.All.Select(item => item.Json.GetRawText()));

        Assert.All(told, item =>
        {
            Assert.True(item.Value.Length > 30, $"{item.Key} said nothing: {item.Value}");
            var leak = Leak().Match(item.Value);
            Assert.False(leak.Success, $"{item.Key} says \"{leak.Value}\" in …{item.Value[Math.Max(0, leak.Index - 80)..Math.Min(item.Value.Length, leak.Index + 120)]}…");
        });
    }

    [GeneratedRegex(@"derivation|mark-?up|margin|micros|list price|31[ _,]?234|0\.031|""cost|costmicros|cost_source|reseller|USD", RegexOptions.IgnoreCase)]
    private static partial Regex Leak();
}
