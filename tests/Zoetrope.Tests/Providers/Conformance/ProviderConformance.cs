using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Catalog;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>
/// What every adapter must do, asked through the whole server over HTTP with a live key. After every test: nothing was bought
/// that was not expected, the vendor's schema was never broken, and the ledger's laws hold.
/// </summary>
public abstract class ProviderConformance<TVendor>(VendorServer<TVendor> server) : IClassFixture<VendorServer<TVendor>>
    where TVendor : class, new()
{
    private static int _serial;

    private protected VendorServer<TVendor> Server => server;

    private protected FakeVendor Vendor => server.Vendor;

    /// <summary>A cheap request of a model whose only configured route is this vendor.</summary>
    private protected abstract object Request(string prompt);

    /// <summary>Answers at once with the file, so that there is nothing to poll.</summary>
    private protected virtual bool IsSynchronous => false;

    /// <summary>Whether the vendor can stop a job that has begun.</summary>
    private protected virtual bool CanCancel => false;

    /// <summary>Whether the vendor refuses a submit for its content; elsewhere the job is taken and ends as moderated.</summary>
    private protected virtual bool ModeratesSubmits => true;

    /// <summary>How a lost answer ends when the vendor had taken the job. Classes A to D find it; E cannot.</summary>
    private protected virtual string LostAnswer => server.Adapter.Evidence == EvidenceClass.None ? "OUTCOME_UNKNOWN" : "completed";

    /// <summary>How it ends when the vendor had not taken the job: proven absent, it is submitted again.</summary>
    private protected virtual string LostRefusal => server.Adapter.Evidence is EvidenceClass.None or EvidenceClass.CallsBack ? "OUTCOME_UNKNOWN" : "completed";

    // Five real minutes without an answer are left to the tests of the driver.
    public static TheoryData<string> SubmitFaults => [.. Enum.GetNames<SubmitFault>().Where(fault => fault != nameof(SubmitFault.NoAnswerAfterAcceptance))];

    public static TheoryData<string> PollAnswers => [.. Enum.GetNames<PollAnswer>()];

    public static TheoryData<string> ResultFaults => [.. Enum.GetNames<ResultFault>()];

    [Theory]
    [MemberData(nameof(SubmitFaults))]
    public async Task Each_end_of_a_submit_buys_at_most_what_the_answer_proves(string fault)
    {
        var planned = Enum.Parse<SubmitFault>(fault);
        if (planned is SubmitFault.Moderated && !ModeratesSubmits)
        {
            await RunAsync(new JobPlan { Polls = [PollAnswer.Moderated] }, "CONTENT_REFUSED", 1);
            return;
        }

        var (end, jobs) = planned switch
        {
            SubmitFault.None or SubmitFault.RateLimited or SubmitFault.RateLimitedWithRetryAfter => ("completed", 1),
            SubmitFault.Unauthorized or SubmitFault.OutOfCredit => ("PROVIDER_UNAVAILABLE", 0),
            SubmitFault.Refused => ("INPUT_REFUSED", 0),
            SubmitFault.Moderated => ("CONTENT_REFUSED", 0),
            SubmitFault.ErrorBeforeAcceptance or SubmitFault.ResetBeforeAcceptance => (LostRefusal, LostRefusal == "completed" ? 1 : 0),
            _ => (LostAnswer, 1),
        };
        await RunAsync(new JobPlan { Submit = planned, Polls = [PollAnswer.Succeeded] }, end, jobs);
    }

    [Theory]
    [MemberData(nameof(PollAnswers))]
    public async Task Each_answer_to_a_poll_ends_as_it_says(string answer)
    {
        var planned = Enum.Parse<PollAnswer>(answer);
        var end = planned switch
        {
            // Whatever a poll would have said, nobody asks: the file came with the submit.
            not (PollAnswer.Succeeded or PollAnswer.Empty or PollAnswer.Moderated) when IsSynchronous => "completed",
            PollAnswer.Moderated => "CONTENT_REFUSED",
            PollAnswer.Failed => "GENERATION_FAILED",
            PollAnswer.Expired => ExpiredEnd,
            PollAnswer.Empty => EmptyEnd,
            _ => "completed",
        };

        // What ends a job is said again to whoever asks again: when the clock moves on while an answer is in the air, that answer is lost.
        await RunAsync(new JobPlan { Polls = end is "completed" ? [planned, PollAnswer.Succeeded] : [planned] }, end, 1);
    }

    [Theory]
    [MemberData(nameof(ResultFaults))]
    public async Task Each_fault_of_a_result_is_never_a_success(string fault)
    {
        var planned = Enum.Parse<ResultFault>(fault);
        if (ResultsInline && planned is not (ResultFault.None or ResultFault.Html or ResultFault.Truncated))
        {
            // No address, so nothing of the network between: the file is what the answer holds, and nothing is fetched.
            var before = Vendor.Requests.Count;
            await RunAsync(new JobPlan { Polls = [PollAnswer.Succeeded], Result = planned }, "completed", 1);
            Assert.DoesNotContain(Vendor.Requests.Skip(before), request => request.Path.StartsWith("/results/", StringComparison.Ordinal));
            return;
        }

        if (planned is ResultFault.ServerError or ResultFault.Truncated && !ResultsInline)
        {
            // May pass: it is fetched again until the deadline and the window are over.
            await RunAsync(new JobPlan { Polls = [PollAnswer.Succeeded], Result = planned }, "TIMED_OUT", 1);
            return;
        }

        await RunAsync(new JobPlan { Polls = [PollAnswer.Succeeded], Result = planned }, planned is ResultFault.None ? "completed" : "BAD_OUTPUT", 1);
    }

    [Fact]
    public async Task A_status_that_goes_backwards_is_no_harm() =>
        await RunAsync(new JobPlan { Polls = [PollAnswer.Running, PollAnswer.Queued, PollAnswer.Running, PollAnswer.Succeeded] }, "completed", 1);

    [Fact]
    public async Task A_cancel_of_a_running_job_ends_as_the_vendor_can()
    {
        if (IsSynchronous)
        {
            // The job is over before anyone could stop it: the wish changes nothing.
            var ended = await RunAsync(new JobPlan { Polls = [PollAnswer.Succeeded] }, "completed", 1);
            var late = await server.Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{ended.GetProperty("id").GetString()}", server.Customer.Key);
            Assert.Equal("INVALID_OPERATION", late.Code);
            return;
        }

        server.Clock.Advance(TimeSpan.FromHours(1));
        PollAnswer[] polls = [PollAnswer.Running];
        var prompt = NewPrompt();
        Vendor.Books.PlanFor(prompt, new JobPlan { Polls = polls });
        var id = await server.GenerateAsync(Request(prompt));
        await server.UntilPolledAsync(id, prompt);

        (await server.Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}", server.Customer.Key)).Expect(200);
        if (!CanCancel)
        {
            await Until.SeesAsync(
                () =>
                {
                    server.Clock.Advance(TimeSpan.FromSeconds(1));
                    return server.ReadAsync(id);
                },
                task => task.TryGetProperty("cancel", out var wish) && wish.GetString() == "declined");
            polls[0] = PollAnswer.Succeeded;
        }

        await AssertEndAsync(id, prompt, CanCancel ? "CANCELLED" : "completed", 1);
    }

    [Fact]
    public async Task A_good_key_is_proven_and_a_bad_one_rejected()
    {
        var good = await server.Adapter.CheckAsync(new ProviderKey(Vendor.Key), CancellationToken.None);
        if (good is CheckResult.NotPossible impossible)
        {
            Assert.NotEmpty(impossible.Reason);
            return;
        }

        Assert.IsType<CheckResult.Proven>(good);
        if (!server.Adapter.Profile.Keyless)
        {
            var bad = Assert.IsType<CheckResult.Rejected>(await server.Adapter.CheckAsync(new ProviderKey(BadKey), CancellationToken.None));
            Assert.Equal(ProviderErrorKind.Auth, bad.Error.Kind);
        }

        Assert.Empty(Vendor.Violations);
    }

    // A theory without data fails, and a vendor whose models are an operator's own has none in the catalogue.
    public static TheoryData<string> Models => [.. Served.DefaultIfEmpty("")];

    private static IEnumerable<string> Served =>
        Ask.Catalog.Models.Where(model => model.Routes.Any(route => route.Provider == ((IFakeVendorMaker)(object)new TVendor()).Make().Provider)).Select(model => model.Id);

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Each_model_and_each_value_reaches_the_vendor_as_reviewed(string model)
    {
        if (model.Length == 0)
        {
            Assert.Empty(Served);
            return;
        }

        await new GoldenRequests(Vendor, server.Adapter, server.Clock).AssertAsync(Ask.Catalog.Find(model)!);
    }

    [Fact]
    public async Task A_task_tells_what_its_vendor_received()
    {
        var before = Vendor.Requests.Count;
        var prompt = NewPrompt();
        Vendor.Books.PlanFor(prompt, new JobPlan { Polls = [PollAnswer.Succeeded] });
        var task = await AssertEndAsync(await server.GenerateAsync(Request(prompt)), prompt, "completed", 1);

        var told = task.GetProperty("route");
        var received = Vendor.Requests.Skip(before).First(request => request.Carries(prompt));
        var sent = ToldFields.Of(JsonNode.Parse(told.GetProperty("sent").GetRawText())!.AsObject());
        if (Vendor.Provider == "comfyui")
        {
            // It is sent the operator's whole graph, and the task tells the inputs that were filled in.
            Assert.All(sent, field => Assert.Contains(ToldFields.Received(received, prompt), leaf => leaf.EndsWith("." + field, StringComparison.Ordinal)));
            return;
        }

        Assert.Equal(ToldFields.Received(received, prompt), sent);

        // Where the vendor names the model in the address, and where it does so in the body.
        var model = told.GetProperty("model").GetString()!;
        Assert.Contains(model, Uri.UnescapeDataString(received.Path) + received.Text, StringComparison.Ordinal);
        await AssertAttemptsNameAsync(task.GetProperty("id").GetString()!, model);
    }

    [Fact]
    public void No_reviewed_request_is_of_a_model_that_is_gone() => Assert.Equal(
        Served.Select(model => model + ".txt").Order(StringComparer.Ordinal),
        Directory.Exists(GoldenRequests.Folder(Vendor.Provider)) ? Directory.GetFiles(GoldenRequests.Folder(Vendor.Provider)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal) : []);

    /// <summary>A key of the right form that the vendor does not know.</summary>
    private protected virtual string BadKey => "wrong-key-0123456789abcdef";

    /// <summary>Whether results come inside the vendor's answers.</summary>
    private protected virtual bool ResultsInline => false;

    /// <summary>How a job ends that the vendor gave up or forgot.</summary>
    private protected virtual string ExpiredEnd => "TIMED_OUT";

    /// <summary>How a success without a file ends: BAD_OUTPUT, or CONTENT_REFUSED where that is the vendor's way to moderate.</summary>
    private protected virtual string EmptyEnd => "BAD_OUTPUT";

    private protected static string NewPrompt() => $"A red fox in the snow, take {Interlocked.Increment(ref _serial)}";

    private async Task AssertAttemptsNameAsync(string task, string model)
    {
        var database = (Database)server.Services.GetService(typeof(Database))!;
        Assert.Equal([model], await database.ReadAsync(async session =>
            await session.QueryAsync<string>("select provider_model from attempts where generation_id = @task", new { task })));
    }

    private protected async Task<JsonElement> RunAsync(JobPlan plan, string end, int jobs)
    {
        // What the test before left behind (a parked key, an open circuit) is over by then.
        server.Clock.Advance(TimeSpan.FromHours(1));
        var prompt = NewPrompt();
        Vendor.Books.PlanFor(prompt, plan);
        return await AssertEndAsync(await server.GenerateAsync(Request(prompt)), prompt, end, jobs);
    }

    private protected async Task<JsonElement> AssertEndAsync(string id, string prompt, string end, int jobs)
    {
        if (end is "TIMED_OUT" && jobs > 0)
        {
            // A clock that moves on while the submit is in the air is a node that was frozen, and then nothing is sent.
            await Until.HoldsAsync(() => Vendor.Books.Accepted.Any(job => job.Prompt == prompt));
        }

        // What ends with its deadline only is not worth watching every second of it.
        var task = await server.EndAsync(id, end is "TIMED_OUT" ? TimeSpan.FromMinutes(5) : null);
        var got = task.GetProperty("status").GetString() == "failed" ? task.GetProperty("error").GetProperty("code").GetString() : task.GetProperty("status").GetString() == "cancelled" ? "CANCELLED" : task.GetProperty("status").GetString();
        Assert.True(end == got, $"expected {end}: {task}");
        Assert.Equal(jobs, Vendor.Books.Accepted.Count(job => job.Prompt == prompt));
        Assert.Empty(Vendor.Violations);
        if (end != "TIMED_OUT")
        {
            Assert.Equal(end == "OUTCOME_UNKNOWN", (await server.SuspendedAsync()).Contains(id));
        }

        await server.Api.AssertLedgerIsCleanAsync();
        if (got == "completed")
        {
            Assert.True(task.GetProperty("creditsUsed").GetInt64() > 0);
            Assert.NotEmpty(await server.Api.DownloadAsync(task.GetProperty("result").GetProperty("url").GetString()!));
        }

        return task;
    }
}
