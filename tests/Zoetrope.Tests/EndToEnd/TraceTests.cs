using System.Diagnostics;
using System.Text.Json;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>One trace from a client's request to its webhook, over the processes that had a part in it.</summary>
public sealed class TraceTests
{
    [Fact]
    public async Task A_task_that_one_node_takes_and_another_runs_is_one_trace_and_names_nothing_private()
    {
        const string prompt = "a prompt that nobody else reads";
        await using var collector = await FakeCollector.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var scene = await ClusterScene.StartAsync(
            8,
            new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address.ToString(), ["OTEL_BSP_SCHEDULE_DELAY"] = "200" },
            "api",
            "worker");
        scene.Finish();
        var api = scene.Nodes[0].Api;
        var customer = await api.CreateCustomerAsync(mode: "live");
        var client = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/generate")
        {
            Content = new StringContent(JsonSerializer.Serialize(new { model = ClusterScene.Model, input = new { prompt }, webhookUrl = receiver.Url() }), null, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", customer.Key);
        request.Headers.TryAddWithoutValidation("traceparent", $"00-{client.TraceId}-{client.SpanId}-01");

        var id = (await api.SendAsync(request)).Expect(200).Data.GetProperty("id").GetString()!;
        await api.WaitAsync(customer, id);
        var webhook = await receiver.NextAsync();
        string[] steps = ["POST /api/v1/generate", "claim", "submit", "poll", "ingest", "webhook"];
        var spans = await Until.SeesAsync(
            () => Task.FromResult(collector.Spans.Where(span => span.TraceId == client.TraceId.ToHexString()).ToList()),
            spans => steps.All(step => spans.Exists(span => span.Name == step)));

        var root = Assert.Single(spans, span => span.Name == steps[0]);
        Assert.Equal(client.SpanId.ToHexString(), root.ParentId);
        Assert.All(spans.Where(span => span != root), span => Assert.Equal(root.SpanId, span.ParentId));
        Assert.All(spans, span => Assert.Equal(id, span.Attributes.GetValueOrDefault("zoetrope.task")));
        Assert.Equal(2, spans.Select(span => span.Instance).Distinct().Count());
        Assert.Contains($"{client.TraceId}-{spans.First(span => span.Name == "webhook").SpanId}", webhook.TraceParent, StringComparison.Ordinal);

        var sent = string.Join('\n', collector.Bodies);
        Assert.All(
            new[] { prompt, customer.Key, scene.Vendor.Key, receiver.Url(), scene.Vendor.BaseUrl.Authority, "/files/" },
            secret => Assert.DoesNotContain(secret, sent, StringComparison.Ordinal));
        Assert.All(scene.Vendor.Requests, request => Assert.Null(request.Header("traceparent")));
    }
}
