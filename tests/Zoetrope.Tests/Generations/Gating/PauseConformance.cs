using System.Text.Json;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Gating;

/// <summary>An operator's pause: nothing new goes to the provider, by any node; what runs there goes on; and its history says what it answered.</summary>
public abstract class PauseConformance
{
    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task A_paused_provider_gets_nothing_new_its_queue_waits_and_what_runs_there_is_finished()
    {
        await using var scene = await PauseScene.StartAsync(Dialect, nodes: 1);
        var (bfl, fal) = (scene.First, scene.Second);
        var finish = new TaskCompletionSource();
        bfl.Books.PlanFor("a slow fox", new JobPlan { Answer = () => finish.Task.IsCompleted ? PollAnswer.Succeeded : PollAnswer.Running });
        var running = await scene.GenerateAsync("a slow fox");
        await Until.HoldsAsync(() => Task.FromResult(bfl.Books.Accepted.Count == 1));
        (await scene.PauseAsync("fal", "no money")).Expect(200);

        // bfl has one place, which is taken: this one waits in its queue.
        var waiting = await scene.GenerateAsync("a queued fox");
        Assert.Equal((409, "INVALID_OPERATION"), Short(await scene.PauseAsync("fal", "again")));
        var paused = (await scene.PauseAsync("bfl", "six fingers")).Expect(200).Data;
        Assert.Equal(("bfl", true, "six fingers"), (paused.GetProperty("provider").GetString(), paused.GetProperty("paused").GetBoolean(), paused.GetProperty("reason").GetString()));
        var standing = await scene.StandingAsync("bfl");
        Assert.Equal(("paused", false, "six fingers"), (standing.GetProperty("state").GetString(), standing.GetProperty("open").GetBoolean(), standing.GetProperty("reason").GetString()));
        Assert.False(standing.TryGetProperty("nextTryAt", out _));

        // A customer hears that they are paused, by name, and not why.
        foreach (var path in new[] { "/api/v1/generate", "/api/v1/estimate" })
        {
            var refused = await scene.Api.SendAsync(HttpMethod.Post, path, scene.Customer.Key, PauseScene.Body("a third fox"));
            Assert.Equal((503, "MODEL_UNAVAILABLE"), Short(refused));
            Assert.Contains("bfl and fal", refused.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("fingers", refused.Text, StringComparison.Ordinal);
        }

        finish.SetResult();
        Assert.Equal("completed", (await scene.Api.WaitAsync(scene.Customer, running)).GetProperty("status").GetString());
        scene.Clock.Advance(TimeSpan.FromSeconds(20));
        await Until.HoldsAsync(async () => (await scene.StandingAsync("bfl")).GetProperty("running").GetInt32() == 0);
        Assert.Equal((1, 0), (bfl.Books.Submits, fal.Books.Submits));

        // Another route that is put back into service takes what waits.
        (await scene.ResumeAsync("fal")).Expect(200);
        Assert.Equal((409, "INVALID_OPERATION"), Short(await scene.ResumeAsync("fal")));
        Assert.Equal("fal", (await scene.RunAsync("a fourth fox")).GetProperty("provider").GetString());
        await Until.HoldsAsync(async () =>
        {
            scene.Clock.Advance(TimeSpan.FromSeconds(16));
            return (await scene.Api.GetAsync(scene.Customer, $"/api/v1/tasks/{waiting}")).Data is var task
                && task.GetProperty("status").GetString() == "completed" && task.GetProperty("provider").GetString() == "fal";
        });
        Assert.Equal(1, bfl.Books.Submits);

        (await scene.ResumeAsync("bfl")).Expect(200);
        Assert.Equal("bfl", (await scene.RunAsync("a fifth fox")).GetProperty("provider").GetString());
        Assert.Equal("healthy", (await scene.StandingAsync("bfl")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task What_is_no_provider_is_refused_and_the_history_has_what_was_answered()
    {
        await using var scene = await PauseScene.StartAsync(Dialect, nodes: 1);
        foreach (var path in new[] { "history", "errors" })
        {
            Assert.Equal((404, "PROVIDER_NOT_FOUND"), Short(await scene.Api.OperateAsync(HttpMethod.Get, $"/admin/v1/providers/nobody/{path}")));
        }

        Assert.Equal((404, "PROVIDER_NOT_FOUND"), Short(await scene.PauseAsync("nobody", "r")));
        Assert.Equal((404, "PROVIDER_NOT_FOUND"), Short(await scene.PauseAsync("kling", "not configured")));
        Assert.Equal((409, "INVALID_OPERATION"), Short(await scene.PauseAsync("sandbox", "built in")));
        Assert.Equal((400, "MISSING_PARAMETER"), Short(await scene.Api.OperateAsync(HttpMethod.Post, "/admin/v1/providers/bfl/pause", new { })));
        Assert.Equal((400, "INVALID_PARAMETER"), Short(await scene.Api.OperateAsync(HttpMethod.Get, "/admin/v1/providers/bfl/history?minutes=1441")));
        Assert.Equal((400, "INVALID_PARAMETER"), Short(await scene.Api.OperateAsync(HttpMethod.Get, "/admin/v1/providers?all=maybe")));

        scene.First.Books.PlanFor("a refused fox", new JobPlan { Submit = SubmitFault.RateLimited });
        scene.First.Books.PlanFor("a broken fox", new JobPlan { Polls = [PollAnswer.Failed] });
        scene.First.Books.PlanFor("a lost fox", new JobPlan { Submit = SubmitFault.ResetBeforeAcceptance });
        foreach (var prompt in new[] { "a fox", "another fox", "a broken fox", "a lost fox", "a refused fox" })
        {
            await scene.RunAsync(prompt);
        }

        var minutes = (await scene.Api.OperateAsync(HttpMethod.Get, "/admin/v1/providers/bfl/history")).Expect(200).Data.GetProperty("minutes").EnumerateArray().ToList();
        Assert.Equal((3, 2), (Sum("accepted"), Sum("completed")));
        Assert.Equal(["rate_limited", "unavailable", "unknown_outcome"], minutes.SelectMany(minute => minute.GetProperty("failures").EnumerateObject().Select(kind => kind.Name)).Order());
        Assert.Contains(minutes, minute => minute.GetProperty("medianMs").ValueKind == JsonValueKind.Number);
        var day = (await scene.StandingAsync("bfl")).GetProperty("lastDay");
        Assert.Equal((3, 2, 1), (day.GetProperty("accepted").GetInt32(), day.GetProperty("completed").GetInt32(), day.GetProperty("failures").GetProperty("unavailable").GetInt32()));
        Assert.Equal(1, (await scene.StandingAsync("fal")).GetProperty("lastDay").GetProperty("completed").GetInt32());

        var errors = (await scene.Api.OperateAsync(HttpMethod.Get, "/admin/v1/providers/bfl/errors")).Expect(200).Data.GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal(["refused", "unresolved", "ended"], errors.Select(error => error.GetProperty("state").GetString()));
        Assert.Contains("slow_down", errors[0].GetProperty("words").GetString(), StringComparison.Ordinal);

        var test = (await scene.Api.OperateAsync(HttpMethod.Post, "/admin/v1/providers/bfl/test")).Expect(200).Data.GetProperty("keys");
        Assert.Equal(1, test.GetArrayLength());
        Assert.DoesNotContain(PauseScene.Key, test.ToString(), StringComparison.Ordinal);
        var all = (await scene.Api.OperateAsync(HttpMethod.Get, "/admin/v1/providers?all=true")).Expect(200).Data.GetProperty("providers").EnumerateArray().ToList();
        var off = all.Single(one => one.GetProperty("name").GetString() == "kling");
        Assert.Equal(("off", false, false), (off.GetProperty("state").GetString(), off.GetProperty("configured").GetBoolean(), off.GetProperty("open").GetBoolean()));
        Assert.NotEqual("", off.GetProperty("enabledBy").GetString());

        int Sum(string name) => minutes.Sum(minute => minute.GetProperty(name).GetInt32());
    }

    private protected static (int, string?) Short(Reply reply) => (reply.Status, reply.Code);
}

public sealed class SqlitePauseTests : PauseConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresPauseTests : PauseConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;

    [Fact]
    public async Task A_pause_at_one_node_counts_at_all_and_at_one_that_starts_later_and_history_is_everybodys()
    {
        await using var scene = await PauseScene.StartAsync(Dialect, nodes: 3);
        for (var i = 0; i < 3; i++)
        {
            await scene.RunAsync($"fox {i}", node: i);
        }

        await scene.PauseAsync("fal", "r");
        await scene.PauseAsync("bfl", "r");
        var submits = scene.First.Books.Submits;
        await Until.SeesAsync(
            async () => await Task.WhenAll(scene.Nodes.Select(node => node.Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", scene.Customer.Key, PauseScene.Body("fox")))),
            replies => replies.All(reply => reply.Code == "MODEL_UNAVAILABLE"));
        await scene.AddNodeAsync();
        await Until.SeesAsync(
            () => scene.Nodes[^1].Api.SendAsync(HttpMethod.Post, "/api/v1/generate", scene.Customer.Key, PauseScene.Body("fox")), reply => reply.Code == "MODEL_UNAVAILABLE");
        Assert.Equal(submits, scene.First.Books.Submits);

        await Until.SeesAsync(
            async () => (await scene.Nodes[2].Api.OperateAsync(HttpMethod.Get, "/admin/v1/providers/bfl/history?minutes=60")).Expect(200).Data.GetProperty("minutes"),
            minutes => minutes.EnumerateArray().Sum(minute => minute.GetProperty("completed").GetInt32()) == 3);
    }
}

/// <summary>Nodes of one database in front of two vendors that can both serve one model, bfl before fal.</summary>
internal sealed class PauseScene(SqlDialect dialect, FakeProvider first, FakeProvider second, MovedClock clock) : IAsyncDisposable
{
    public const string Key = "first-key-0123456789";

    private readonly List<FakeProviderAdapter> _adapters = [];

    public FakeProvider First => first;

    public FakeProvider Second => second;

    public MovedClock Clock => clock;

    public List<TestZoetrope> Nodes { get; } = [];

    public ZoetropeApi Api => Nodes[0].Api;

    public Customer Customer { get; private set; } = null!;

    public static async Task<PauseScene> StartAsync(SqlDialect dialect, int nodes)
    {
        var scene = new PauseScene(dialect, await FakeProvider.StartAsync(), await FakeProvider.StartAsync(), new MovedClock());
        for (var i = 0; i < nodes; i++)
        {
            await scene.AddNodeAsync();
        }

        scene.Customer = await scene.Api.CreateCustomerAsync(mode: "live");
        return scene;
    }

    public async Task AddNodeAsync()
    {
        FakeProviderAdapter[] adapters = [new(first, EvidenceClass.None, "bfl"), new(second, EvidenceClass.None, "fal")];
        _adapters.AddRange(adapters);
        Nodes.Add(await TestZoetrope.StartAsync(new TestServer
        {
            Database = dialect,
            Postgres = Nodes.FirstOrDefault()?.Postgres,
            Time = clock,
            Others = adapters,
            Settings = new Dictionary<string, string?>
            {
                ["Providers:bfl:ApiKey"] = Key,
                ["Providers:bfl:Concurrency"] = "1",
                ["Providers:fal:ApiKey"] = "other-key-0123456789",
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
            },
        }));
    }

    public static string Body(string prompt) =>
        JsonSerializer.Serialize(new { model = "flux-2-pro-text-to-image", input = new { prompt, aspect_ratio = "1:1" } });

    public async Task<string> GenerateAsync(string prompt, int node = 0) =>
        (await Nodes[node].Api.SendAsync(HttpMethod.Post, "/api/v1/generate", Customer.Key, Body(prompt))).Expect(200).Data.GetProperty("id").GetString()!;

    public async Task<JsonElement> RunAsync(string prompt, int node = 0) => await Nodes[node].Api.WaitAsync(Customer, await GenerateAsync(prompt, node));

    public Task<Reply> PauseAsync(string provider, string reason) => Api.OperateAsync(HttpMethod.Post, $"/admin/v1/providers/{provider}/pause", new { reason });

    public Task<Reply> ResumeAsync(string provider) => Api.OperateAsync(HttpMethod.Post, $"/admin/v1/providers/{provider}/resume");

    public async Task<JsonElement> StandingAsync(string provider)
    {
        var list = (await Api.OperateAsync(HttpMethod.Get, "/admin/v1/providers")).Expect(200).Data.GetProperty("providers");
        return list.EnumerateArray().Single(item => item.GetProperty("name").GetString() == provider);
    }

    public async ValueTask DisposeAsync()
    {
        // The one that owns the database last.
        for (var i = Nodes.Count - 1; i >= 0; i--)
        {
            await Nodes[i].DisposeAsync();
        }

        _adapters.ForEach(adapter => adapter.Dispose());
        await first.DisposeAsync();
        await second.DisposeAsync();
    }
}
