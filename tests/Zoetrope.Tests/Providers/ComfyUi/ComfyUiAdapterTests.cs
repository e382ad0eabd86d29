using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.ComfyUi;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.ComfyUi;

public sealed class ComfyUiAdapterTests
{
    private static readonly string Workflows = Path.Combine(SourceTree.Root, "samples", "comfyui", "workflows");

    private static readonly RouteSpec Route = TestRoutes.Of("comfyui", "text-to-image.json", ("prompt", "prompt"), ("aspect_ratio", "width+height"));

    [Fact]
    public async Task Without_a_key_no_credential_is_sent_and_a_private_address_serves_the_result()
    {
        await using var bench = await StartAsync(new FakeComfyUi { Keyless = true });
        var request = bench.Image(Route, "a fox", """{"aspect_ratio":"16:9"}""");
        bench.Vendor.Books.PlanFor("a fox", new JobPlan { Polls = [PollAnswer.Succeeded] });

        var accepted = Assert.IsType<SubmitResult.Accepted>(await bench.Adapter.SubmitAsync(request, default));
        var succeeded = Assert.IsType<PollResult.Succeeded>(await bench.Adapter.PollAsync(request, accepted.ProviderTaskId, default));

        var output = Assert.Single(succeeded.Outputs);
        Assert.Equal(await FakeMedia.MakeAsync(SchemaCheck.Image), await File.ReadAllBytesAsync(output.Path!));
        Assert.Empty(bench.Vendor.Violations);
        var size = bench.Vendor.Jobs.Single().Request.Json["prompt"]!["5"]!["inputs"]!;
        Assert.Equal((1024, 576), (size["width"]!.GetValue<int>(), size["height"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_place_in_the_queue_counts_the_running_one()
    {
        await using var bench = await StartAsync(new FakeComfyUi());
        var first = await SubmitAsync(bench, "one", PollAnswer.Running);
        var second = await SubmitAsync(bench, "two", PollAnswer.Queued);
        var third = await SubmitAsync(bench, "three", PollAnswer.Queued);

        Assert.Null(Assert.IsType<PollResult.Running>(await bench.Adapter.PollAsync(first.Request, first.Id, default)).QueuePosition);
        Assert.Equal(2, Assert.IsType<PollResult.Running>(await bench.Adapter.PollAsync(third.Request, third.Id, default)).QueuePosition);
        Assert.Equal(1, Assert.IsType<PollResult.Running>(await bench.Adapter.PollAsync(second.Request, second.Id, default)).QueuePosition);
    }

    [Fact]
    public async Task A_job_that_a_restart_forgot_has_expired_and_was_proven_absent()
    {
        await using var bench = await StartAsync(new FakeComfyUi());
        var job = await SubmitAsync(bench, "lost", PollAnswer.Running);
        Assert.Equal(new LookupResult.Found(job.Id), await bench.Adapter.LookupAsync(job.Request, default));
        bench.Vendor.Restart();

        Assert.IsType<LookupResult.Undecided>(await bench.Adapter.LookupAsync(job.Request, default));
        bench.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.IsType<LookupResult.Absent>(await bench.Adapter.LookupAsync(job.Request, default));
        var failed = Assert.IsType<PollResult.Failed>(await bench.Adapter.PollAsync(job.Request, job.Id, default));
        Assert.Equal((ProviderErrorKind.Expired, "lost"), (failed.Error.Kind, failed.Error.VendorCode));
    }

    [Fact]
    public async Task A_server_that_gives_its_own_ids_proves_nothing_by_not_knowing_ours()
    {
        await using var bench = await StartAsync(new FakeComfyUi { Version = "0.3.20" });
        bench.Clock.Advance(TimeSpan.FromHours(1));
        var request = bench.Image(Route, "never sent") with { IntendedAt = bench.Clock.GetUtcNow() - TimeSpan.FromMinutes(5) };

        Assert.IsType<LookupResult.Undecided>(await bench.Adapter.LookupAsync(request, default));
        Assert.Equal("version", Assert.IsType<CheckResult.Rejected>(await bench.Adapter.CheckAsync(request.Key, default)).Error.VendorCode);
    }

    [Fact]
    public async Task An_older_server_takes_a_waiting_job_out_of_its_queue()
    {
        await using var bench = await StartAsync(new FakeComfyUi { HasJobs = false });
        var job = await SubmitAsync(bench, "waits", PollAnswer.Queued);

        Assert.Equal(CancelResult.Confirmed, await bench.Adapter.CancelAsync(job.Request, job.Id, default));
        Assert.Empty(bench.Vendor.Interrupts);
        Assert.Empty(bench.Vendor.Violations);
    }

    [Fact]
    public async Task An_older_server_is_interrupted_by_the_jobs_id_and_its_history_confirms_it()
    {
        await using var bench = await StartAsync(new FakeComfyUi { HasJobs = false });
        var job = await SubmitAsync(bench, "runs", PollAnswer.Running);

        Assert.Equal(CancelResult.Unknown, await bench.Adapter.CancelAsync(job.Request, job.Id, default));
        Assert.Equal(CancelResult.Confirmed, await bench.Adapter.CancelAsync(job.Request, job.Id, default));
        Assert.Equal([job.Id], bench.Vendor.Interrupts);
        Assert.Empty(bench.Vendor.Violations);
    }

    [Fact]
    public async Task A_server_that_would_stop_whatever_runs_is_not_interrupted()
    {
        await using var bench = await StartAsync(new FakeComfyUi { HasJobs = false, Version = "0.3.40" });
        var job = await SubmitAsync(bench, "runs on", PollAnswer.Running);

        Assert.Equal(CancelResult.Refused, await bench.Adapter.CancelAsync(job.Request, job.Id, default));
        Assert.Empty(bench.Vendor.Interrupts);
    }

    [Fact]
    public async Task A_finished_job_cannot_be_cancelled()
    {
        await using var bench = await StartAsync(new FakeComfyUi());
        var job = await SubmitAsync(bench, "done", PollAnswer.Succeeded);
        await bench.Adapter.PollAsync(job.Request, job.Id, default);

        Assert.Equal(CancelResult.Refused, await bench.Adapter.CancelAsync(job.Request, job.Id, default));
    }

    [Theory]
    [InlineData("no-such-file.json", "prompt", "the file does not exist")]
    [InlineData("../catalogue.json", "prompt", "is not a file name")]
    [InlineData("text-to-image.json", "promt", "the route sets 'promt'")]
    public async Task A_route_that_does_not_fit_its_file_is_refused_before_anything_is_sent(string model, string input, string told)
    {
        await using var bench = await StartAsync(new FakeComfyUi());
        var request = bench.Image(TestRoutes.Of("comfyui", model, ("prompt", input)), "a fox");

        var refused = Assert.IsType<SubmitResult.Refused>(await bench.Adapter.SubmitAsync(request, default));

        Assert.Equal((ProviderErrorKind.Unavailable, "workflow"), (refused.Error.Kind, refused.Error.VendorCode));
        Assert.Contains(told, refused.Error.VendorMessage);
        Assert.Empty(bench.Vendor.Requests);
    }

    [Fact]
    public async Task A_list_never_becomes_a_link_between_nodes()
    {
        await using var bench = await StartAsync(new FakeComfyUi());
        var request = bench.Image(TestRoutes.Of("comfyui", "text-to-image.json", ("prompt", "prompt"), ("words", "height")), "a fox", """{"words":["4",0]}""");

        Assert.IsType<SubmitResult.Refused>(await bench.Adapter.SubmitAsync(request, default));
        Assert.Empty(bench.Vendor.Requests);
    }

    [Theory]
    [InlineData("torch.OutOfMemoryError", "Allocation on device", ProviderErrorKind.Unavailable, "out_of_memory")]
    [InlineData("RuntimeError", "CUDA out of memory. Tried to allocate", ProviderErrorKind.Unavailable, "out_of_memory")]
    [InlineData("RuntimeError", "shapes cannot be multiplied", ProviderErrorKind.Unavailable, "RuntimeError")]
    [InlineData("Exception", "Unauthorized: Please login first to use this node.", ProviderErrorKind.Auth, "Exception")]
    [InlineData("Exception", "Payment Required: Please add credits to your account.", ProviderErrorKind.QuotaExhausted, "Exception")]
    [InlineData("Exception", "Your request was blocked by our moderation system.", ProviderErrorKind.ContentRefused, "Exception")]
    public async Task A_failed_run_is_what_its_node_says(string type, string message, object kind, string code)
    {
        await using var bench = await StartAsync(new FakeComfyUi { Failure = (type, message) });
        var job = await SubmitAsync(bench, "fails", PollAnswer.Failed);

        var failed = Assert.IsType<PollResult.Failed>(await bench.Adapter.PollAsync(job.Request, job.Id, default));

        Assert.Equal((kind, code), (failed.Error.Kind, failed.Error.VendorCode));
        Assert.DoesNotContain("secret", failed.Error.VendorMessage);
        Assert.DoesNotContain('\n', failed.Error.VendorMessage);
    }

    private static Task<AdapterBench<FakeComfyUi>> StartAsync(FakeComfyUi vendor) =>
        AdapterBench<FakeComfyUi>.StartAsync(vendor, ComfyUiAdapter.Vendor, tools => new ComfyUiAdapter(tools, new WorkflowFolder(Workflows)));

    private static async Task<(ProviderRequest Request, string Id)> SubmitAsync(AdapterBench<FakeComfyUi> bench, string prompt, PollAnswer answer)
    {
        var request = bench.Image(Route, prompt, """{"aspect_ratio":"16:9"}""");
        bench.Vendor.Books.PlanFor(prompt, new JobPlan { Polls = [answer] });
        var accepted = Assert.IsType<SubmitResult.Accepted>(await bench.Adapter.SubmitAsync(request, default));
        if (answer is PollAnswer.Running)
        {
            bench.Vendor.Run(accepted.ProviderTaskId);
        }

        return (request, accepted.ProviderTaskId);
    }
}
