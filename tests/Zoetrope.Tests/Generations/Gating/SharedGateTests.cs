using System.Text.Json;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Bfl;

namespace Zoetrope.Tests.Generations.Gating;

/// <summary>Three nodes in front of one vendor have one gate: what one of them paid to learn, the others know.</summary>
public sealed class SharedGateTests
{
    private const string FirstKey = "first-key-0123456789";
    private const string OtherKey = "other-key-0123456789";

    [Fact]
    public async Task A_vendor_that_is_down_hears_five_submits_of_three_nodes_and_then_one_probe_at_a_time()
    {
        await using var scene = await Scene.StartAsync();
        scene.Vendor.Books.Default = new JobPlan { Submit = SubmitFault.ErrorBeforeAcceptance };
        for (var i = 0; i < 5; i++)
        {
            var task = await scene.Nodes[i % 3].Api.WaitAsync(scene.Customer, await scene.GenerateAsync(i % 3, $"fox {i}"));
            Assert.Equal("OUTCOME_UNKNOWN", task.GetProperty("error").GetProperty("code").GetString());
        }

        // At once, before any tick: the sixth is not sent, whichever node it comes to.
        var waiting = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            waiting.Add(await scene.GenerateAsync(i % 3, $"hen {i}"));
        }

        await scene.AgreeAsync(standing => !standing.GetProperty("open").GetBoolean());
        Assert.Equal(5, scene.Vendor.Books.Submits);

        // All six are due again at once, at three nodes; one of them tries.
        scene.Clock.Advance(TimeSpan.FromSeconds(16));
        await Until.HoldsAsync(async () => await scene.AskAsync("select opened from provider_gates where provider = 'bfl'") == 2);
        Assert.Equal(6, scene.Vendor.Books.Submits);
        await scene.AgreeAsync(standing => !standing.GetProperty("open").GetBoolean());

        scene.Vendor.Books.Default = new JobPlan();
        scene.Clock.Advance(TimeSpan.FromSeconds(31));
        var ended = await Task.WhenAll(waiting.Select((id, i) => scene.Nodes[i % 3].Api.WaitAsync(scene.Customer, id)));
        Assert.Equal(5, ended.Count(task => task.GetProperty("status").GetString() == "completed"));
        await scene.AgreeAsync(standing => standing.GetProperty("open").GetBoolean());
        Assert.Equal(11, scene.Vendor.Books.Submits);
    }

    [Fact]
    public async Task A_refused_key_is_tried_once_in_the_cluster_and_is_the_same_at_every_node()
    {
        await using var scene = await Scene.StartAsync();
        scene.Vendor.Books.Unpaid.Add(FirstKey);
        for (var i = 0; i < 6; i++)
        {
            var task = await scene.Nodes[i % 3].Api.WaitAsync(scene.Customer, await scene.GenerateAsync(i % 3, $"fox {i}"));
            Assert.Equal("completed", task.GetProperty("status").GetString());
        }

        Assert.Single(scene.Vendor.Books.Keys, FirstKey);
        Assert.Equal(6, scene.Vendor.Books.Keys.Count(key => key == OtherKey));
        await scene.AgreeAsync(standing => standing.GetProperty("keys").EnumerateArray().Count(key => key.TryGetProperty("parkedUntil", out _)) == 1);
        Assert.Equal(0, await scene.AskAsync($"select count(*) from provider_gates where keys like '%key-0123%'"));
    }

    [Fact]
    public async Task A_restart_keeps_the_gate()
    {
        await using var vendor = new FakeBfl();
        await vendor.OpenAsync();
        vendor.Books.Default = new JobPlan { Submit = SubmitFault.RateLimited };
        await using var server = await ServerProcess.StartAsync(new Dictionary<string, string?>
        {
            ["Zoetrope__Providers__bfl__BaseUrl"] = vendor.BaseUrl.ToString(),
            ["Zoetrope__Providers__bfl__ApiKey"] = "not-the-vendors-key-0123",
            ["Zoetrope__Egress__AllowedPrivateHosts"] = "127.0.0.1",
        });
        var customer = await server.Api.CreateCustomerAsync(mode: "live");
        var created = (await server.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = "a fox" } })).Expect(200);
        await server.Api.WaitAsync(customer, created.Data.GetProperty("id").GetString()!);
        var before = await StandingAsync(server.Api);
        Assert.False(before.GetProperty("open").GetBoolean());

        await server.TerminateAsync();
        await server.ExitCodeAsync(Until.Patience);
        await server.StartAgainAsync();

        await Until.SeesAsync(() => StandingAsync(server.Api), after => after.ToString() == before.ToString());
    }

    private static async Task<JsonElement> StandingAsync(ZoetropeApi api)
    {
        var list = (await api.OperateAsync(HttpMethod.Get, "/admin/v1/providers")).Expect(200).Data.GetProperty("providers");
        return list.EnumerateArray().Single(item => item.GetProperty("name").GetString() == "bfl");
    }

    private sealed class Scene(FakeProvider vendor, MovedClock clock) : IAsyncDisposable
    {
        private readonly List<FakeProviderAdapter> _adapters = [];

        public FakeProvider Vendor => vendor;

        public MovedClock Clock => clock;

        public List<TestZoetrope> Nodes { get; } = [];

        public Customer Customer { get; private set; } = null!;

        public static async Task<Scene> StartAsync()
        {
            TestPostgres.SkipIfAbsent();
            var scene = new Scene(await FakeProvider.StartAsync(), new MovedClock());
            try
            {
                for (var i = 0; i < 3; i++)
                {
                    var adapter = new FakeProviderAdapter(scene.Vendor, EvidenceClass.None, "bfl");
                    scene._adapters.Add(adapter);
                    scene.Nodes.Add(await TestZoetrope.StartAsync(new TestServer
                    {
                        Database = Server.Storage.SqlDialect.Postgres,
                        Postgres = scene.Nodes.FirstOrDefault()?.Postgres,
                        Time = scene.Clock,
                        Others = [adapter],
                        Settings = new Dictionary<string, string?>
                        {
                            ["Providers:bfl:ApiKey"] = $"{FirstKey}, {OtherKey}",
                            ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
                        },
                    }));
                }

                scene.Customer = await scene.Nodes[0].Api.CreateCustomerAsync(mode: "live");
                return scene;
            }
            catch
            {
                await scene.DisposeAsync();
                throw;
            }
        }

        public async Task<string> GenerateAsync(int node, string prompt) =>
            (await Nodes[node].Api.GenerateAsync(Customer, new { model = "flux-2-pro-text-to-image", input = new { prompt, aspect_ratio = "1:1" } }))
            .Expect(200).Data.GetProperty("id").GetString()!;

        /// <summary>Every node says the same of the vendor, and it is this.</summary>
        public async Task AgreeAsync(Func<JsonElement, bool> standing) => await Until.SeesAsync(
            async () => await Task.WhenAll(Nodes.Select(node => StandingAsync(node.Api))),
            all => all.All(standing) && all.Select(one => one.GetProperty("keys").ToString()).Distinct().Count() == 1);

        public async Task<long> AskAsync(string sql)
        {
            await using var connection = new Npgsql.NpgsqlConnection(Nodes[0].Postgres);
            await connection.OpenAsync();
            await using var command = new Npgsql.NpgsqlCommand(sql, connection);
            return (long)(await command.ExecuteScalarAsync())!;
        }

        public async ValueTask DisposeAsync()
        {
            // The one that owns the database last.
            for (var i = Nodes.Count - 1; i >= 0; i--)
            {
                await Nodes[i].DisposeAsync();
            }

            foreach (var adapter in _adapters)
            {
                adapter.Dispose();
            }

            await vendor.DisposeAsync();
        }
    }
}
