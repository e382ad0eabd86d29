using System.Net;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Fal;

/// <summary>Names the fake of a server that fal can reach.</summary>
public sealed class CallingFalVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new CallingFal();

    private sealed class CallingFal : FakeFal
    {
        public override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(base.Settings) { ["PublicUrl"] = "https://zoetrope.example.com" };
    }
}

/// <summary>fal's signed webhooks: what a genuine one settles, and that nothing else is believed.</summary>
public sealed class FalWebhookTests(VendorServer<CallingFalVendor> server) : IClassFixture<VendorServer<CallingFalVendor>>, IAsyncLifetime
{
    private static int _serial;
    private readonly HttpClient _http = new();

    private FakeFal Fal => (FakeFal)server.Vendor;

    public ValueTask InitializeAsync()
    {
        // A day and more between tests: no key of the test before is kept.
        server.Clock.Advance(TimeSpan.FromHours(30));
        Fal.KeysAreDown = false;
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(nameof(SubmitFault.ResetAfterAcceptance))]
    [InlineData(nameof(SubmitFault.ErrorAfterAcceptance))]
    [InlineData(nameof(SubmitFault.MalformedAfterAcceptance))]
    public async Task A_lost_answer_is_found_by_the_webhook_of_the_job(string fault)
    {
        var (id, job) = await SubmitAsync(new JobPlan { Submit = Enum.Parse<SubmitFault>(fault), Polls = [PollAnswer.Succeeded] });

        Assert.Equal(HttpStatusCode.OK, await SendAsync(Fal.Webhook(job, server.Clock.GetUtcNow())));

        await AssertCompletedAsync(id, job);
    }

    [Fact]
    public async Task A_webhook_that_comes_twice_is_one()
    {
        var (id, job) = await SubmitAsync(new JobPlan { Polls = [PollAnswer.Running, PollAnswer.Succeeded] });

        Assert.Equal(HttpStatusCode.OK, await SendAsync(Fal.Webhook(job, server.Clock.GetUtcNow())));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(Fal.Webhook(job, server.Clock.GetUtcNow())));

        await AssertCompletedAsync(id, job);
    }

    [Fact]
    public async Task A_forged_webhook_is_refused_and_settles_nothing()
    {
        var (id, job) = await SubmitAsync(new JobPlan { Submit = SubmitFault.ResetAfterAcceptance, Polls = [PollAnswer.Succeeded] });
        var now = server.Clock.GetUtcNow();
        var tampered = Fal.Webhook(job, now);
        tampered.Content = new StringContent("""{"request_id":"another","status":"OK"}""");
        var unsigned = Fal.Webhook(job, now);
        unsigned.Headers.Remove("X-Fal-Webhook-Signature");

        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(Fal.Webhook(job, now, new Ed25519PrivateKeyParameters(new SecureRandom()))));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(tampered));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(unsigned));

        Assert.Equal("failed", (await server.EndAsync(id)).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData(-301)]
    [InlineData(600)]
    public async Task A_webhook_of_another_time_is_refused(int seconds)
    {
        var (id, job) = await SubmitAsync(new JobPlan { Polls = [PollAnswer.Succeeded] });

        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(Fal.Webhook(job, server.Clock.GetUtcNow().AddSeconds(seconds))));

        await AssertCompletedAsync(id, job);
    }

    [Fact]
    public async Task Keys_are_kept_and_read_again_when_none_fits_but_not_for_every_forgery()
    {
        var (id, job) = await SubmitAsync(new JobPlan { Polls = [PollAnswer.Succeeded] });
        var before = Fal.KeyReads;
        await SendAsync(Fal.Webhook(job, server.Clock.GetUtcNow()));
        await SendAsync(Fal.Webhook(job, server.Clock.GetUtcNow()));
        Assert.Equal(1, Fal.KeyReads - before);

        Fal.ChangeKey();
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(Fal.Webhook(job, server.Clock.GetUtcNow())));
        Assert.Equal(1, Fal.KeyReads - before);

        server.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(Fal.Webhook(job, server.Clock.GetUtcNow())));
        Assert.Equal(2, Fal.KeyReads - before);
        await AssertCompletedAsync(id, job);
    }

    [Fact]
    public async Task Without_fals_keys_nothing_is_believed()
    {
        var (id, job) = await SubmitAsync(new JobPlan { Polls = [PollAnswer.Succeeded] });
        Fal.KeysAreDown = true;

        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(Fal.Webhook(job, server.Clock.GetUtcNow())));

        await AssertCompletedAsync(id, job);
    }

    private async Task<(string Id, VendorJob Job)> SubmitAsync(JobPlan plan)
    {
        var prompt = $"A grey heron at dawn, take {Interlocked.Increment(ref _serial)}";
        server.Vendor.Books.PlanFor(prompt, plan);
        var id = await server.GenerateAsync(new { model = "flux-2-klein-4b-text-to-image", input = new { prompt } });
        return (id, await Until.FoundAsync(() => server.Vendor.Jobs.FirstOrDefault(job => job.Accepted.Prompt == prompt)));
    }

    private async Task AssertCompletedAsync(string id, VendorJob job)
    {
        var task = await server.EndAsync(id);
        Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString());
        Assert.Equal(1, server.Vendor.Books.Accepted.Count(accepted => accepted.Prompt == job.Accepted.Prompt));
        Assert.Empty(server.Vendor.Violations);
    }

    private async Task<HttpStatusCode> SendAsync(HttpRequestMessage webhook)
    {
        using (webhook)
        {
            webhook.RequestUri = new Uri(server.Api.Address, webhook.RequestUri!);
            using var response = await _http.SendAsync(webhook);
            return response.StatusCode;
        }
    }
}
