using System.Text.Json;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Driving;

/// <summary>
/// Two vendors that can both serve one model, bfl before fal: when a request moves on, when it waits, and when it must not
/// move because it may be paid for already.
/// </summary>
public sealed class FailoverTests
{
    private const string FirstKey = "first-key-0123456789";
    private const string OtherKey = "other-key-0123456789";

    [Theory]
    [InlineData(nameof(SubmitFault.RateLimited), "fal")]
    [InlineData(nameof(SubmitFault.RateLimitedWithRetryAfter), "fal")]
    [InlineData(nameof(SubmitFault.Unauthorized), "fal")]
    [InlineData(nameof(SubmitFault.OutOfCredit), "fal")]
    [InlineData(nameof(SubmitFault.Refused), "fal")]
    [InlineData(nameof(SubmitFault.Moderated), "CONTENT_REFUSED")]
    [InlineData(nameof(SubmitFault.ErrorBeforeAcceptance), "OUTCOME_UNKNOWN")]
    [InlineData(nameof(SubmitFault.ErrorAfterAcceptance), "OUTCOME_UNKNOWN")]
    [InlineData(nameof(SubmitFault.ResetBeforeAcceptance), "OUTCOME_UNKNOWN")]
    [InlineData(nameof(SubmitFault.ResetAfterAcceptance), "OUTCOME_UNKNOWN")]
    [InlineData(nameof(SubmitFault.MalformedAfterAcceptance), "OUTCOME_UNKNOWN")]
    public async Task A_request_moves_on_only_when_it_was_proven_not_to_be_taken(string fault, string end)
    {
        await using var vendors = await TwoVendors.StartAsync(EvidenceClass.None);
        vendors.First.Books.Default = new JobPlan { Submit = Enum.Parse<SubmitFault>(fault) };

        var task = await vendors.RunAsync("a red fox");

        Assert.Equal(end, TwoVendors.EndOf(task));
        Assert.Equal(end == "fal" ? 1 : 0, vendors.Second.Books.Accepted.Count);
        Assert.Equal(fault.EndsWith("AfterAcceptance", StringComparison.Ordinal) ? 1 : 0, vendors.First.Books.Accepted.Count);
        if (end == "fal")
        {
            Assert.True(task.GetProperty("route").GetProperty("attempt").GetInt32() > 1);
            Assert.Equal("fal", task.GetProperty("route").GetProperty("provider").GetString());
        }
    }

    [Fact]
    public async Task A_job_that_fails_after_it_was_taken_is_not_bought_again_elsewhere()
    {
        await using var vendors = await TwoVendors.StartAsync(EvidenceClass.QueryByOurId);
        vendors.First.Books.Plan(new JobPlan { Polls = [PollAnswer.Running, PollAnswer.Failed] });

        var task = await vendors.RunAsync("a red fox");

        Assert.Equal("GENERATION_FAILED", TwoVendors.EndOf(task));
        var failure = task.GetProperty("error").GetProperty("provider");
        Assert.Equal(("unavailable", "broken", true), (failure.GetProperty("kind").GetString(), failure.GetProperty("code").GetString(), failure.GetProperty("retryable").GetBoolean()));
        Assert.Empty(vendors.Second.Books.Accepted);
    }

    [Fact]
    public async Task A_vendor_that_nobody_reaches_is_passed_over_and_then_left_alone()
    {
        await using var vendors = await TwoVendors.StartAsync(EvidenceClass.None);
        await vendors.First.DisposeAsync();

        for (var i = 0; i < 7; i++)
        {
            Assert.Equal("fal", TwoVendors.EndOf(await vendors.RunAsync($"fox {i}")));
        }

        // Five attempts opened the circuit: the tasks after them go to the second vendor at once.
        var provider = await vendors.StandingAsync("bfl");
        Assert.False(provider.GetProperty("open").GetBoolean());
        var last = await vendors.RunAsync("the last fox");
        Assert.Equal(1, last.GetProperty("route").GetProperty("attempt").GetInt32());
    }

    [Fact]
    public async Task A_circuit_that_opened_lets_one_submit_try_and_closes_when_it_is_taken()
    {
        await using var vendors = await TwoVendors.StartAsync(EvidenceClass.None);
        for (var i = 0; i < 5; i++)
        {
            vendors.First.Books.PlanFor($"fox {i}", new JobPlan { Submit = SubmitFault.ErrorBeforeAcceptance });
            await vendors.RunAsync($"fox {i}");
        }

        Assert.Equal("fal", TwoVendors.EndOf(await vendors.RunAsync("while it is open")));

        vendors.Clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal("bfl", TwoVendors.EndOf(await vendors.RunAsync("the probe")));
        Assert.True((await vendors.StandingAsync("bfl")).GetProperty("open").GetBoolean());
        Assert.Equal("bfl", TwoVendors.EndOf(await vendors.RunAsync("after it")));
    }

    [Fact]
    public async Task A_key_without_credit_is_parked_and_the_other_one_pays()
    {
        await using var vendors = await TwoVendors.StartAsync(EvidenceClass.None);
        vendors.First.Books.Unpaid.Add(FirstKey);

        for (var i = 0; i < 6; i++)
        {
            Assert.Equal("bfl", TwoVendors.EndOf(await vendors.RunAsync($"fox {i}")));
        }

        Assert.Single(vendors.First.Books.Keys, FirstKey);
        var keys = (await vendors.StandingAsync("bfl")).GetProperty("keys").EnumerateArray().ToList();
        Assert.Equal(2, keys.Count);
        var parked = Assert.Single(keys, key => key.TryGetProperty("parkedUntil", out _));
        Assert.Contains("pay_first", parked.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(keys, key => key.ToString().Contains("-key-", StringComparison.Ordinal));

        // With both of them empty the route is stopped, and tasks go on elsewhere without asking.
        vendors.First.Books.Unpaid.Add(OtherKey);
        Assert.Equal("fal", TwoVendors.EndOf(await vendors.RunAsync("both empty")));
        var asked = vendors.First.Books.Keys.Count;
        Assert.Equal("fal", TwoVendors.EndOf(await vendors.RunAsync("not asked")));
        Assert.Equal(asked, vendors.First.Books.Keys.Count);
    }

    [Fact]
    public async Task Keys_are_taken_by_weight()
    {
        await using var vendors = await TwoVendors.StartAsync(EvidenceClass.None);
        for (var i = 0; i < 16; i++)
        {
            await vendors.RunAsync($"fox {i}");
        }

        Assert.Equal((4, 12), (vendors.First.Books.Keys.Count(key => key == FirstKey), vendors.First.Books.Keys.Count(key => key == OtherKey)));
    }

    [Fact]
    public async Task A_task_that_every_provider_refuses_for_lack_of_credit_ends_at_once_with_its_credits_back()
    {
        await using var vendors = await TwoVendors.StartAsync(EvidenceClass.None);
        vendors.First.Books.Default = vendors.Second.Books.Default = new JobPlan { Submit = SubmitFault.OutOfCredit };

        var task = await vendors.RunAsync("a red fox");

        Assert.Equal("PROVIDER_UNAVAILABLE", TwoVendors.EndOf(task));
        Assert.Equal(0, task.GetProperty("creditsUsed").GetInt64());
        Assert.Equal("quota_exhausted", task.GetProperty("error").GetProperty("provider").GetProperty("kind").GetString());
    }

    private sealed class TwoVendors(TestZoetrope zoetrope, FakeProvider first, FakeProvider second, MovedClock clock, Customer customer, FakeProviderAdapter[] adapters) : IAsyncDisposable
    {
        public FakeProvider First => first;

        public FakeProvider Second => second;

        public MovedClock Clock => clock;

        public static async Task<TwoVendors> StartAsync(EvidenceClass evidence)
        {
            var first = await FakeProvider.StartAsync();
            var second = await FakeProvider.StartAsync();
            FakeProviderAdapter[] adapters = [new(first, evidence, "bfl"), new(second, evidence, "fal")];
            var clock = new MovedClock();
            var settings = new Dictionary<string, string?>
            {
                ["Providers:bfl:ApiKey"] = $"{FirstKey}, {OtherKey}*3",
                ["Providers:fal:ApiKey"] = "a-third-key-0123456789",
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
            };
            var zoetrope = await TestZoetrope.StartAsync(new TestServer { Time = clock, Others = adapters, Settings = settings });
            return new TwoVendors(zoetrope, first, second, clock, await zoetrope.Api.CreateCustomerAsync(mode: "live"), adapters);
        }

        public static string EndOf(JsonElement task) => task.GetProperty("status").GetString() == "completed"
            ? task.GetProperty("provider").GetString()!
            : task.GetProperty("error").GetProperty("code").GetString()!;

        public async Task<JsonElement> RunAsync(string prompt)
        {
            var created = (await zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt, aspect_ratio = "1:1" } })).Expect(200);
            return await zoetrope.Api.WaitAsync(customer, created.Data.GetProperty("id").GetString()!);
        }

        public async Task<JsonElement> StandingAsync(string provider)
        {
            var list = (await zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/providers")).Expect(200).Data.GetProperty("providers");
            return list.EnumerateArray().Single(item => item.GetProperty("name").GetString() == provider);
        }

        public async ValueTask DisposeAsync()
        {
            await zoetrope.DisposeAsync();
            foreach (var adapter in adapters)
            {
                adapter.Dispose();
            }

            await first.DisposeAsync();
            await second.DisposeAsync();
        }
    }
}
