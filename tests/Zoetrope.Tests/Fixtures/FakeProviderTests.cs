using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Fixtures;

/// <summary>The fake vendor does what its plan says and its adapter claims no more than it saw: later proofs stand on both.</summary>
public sealed class FakeProviderTests
{
    public static TheoryData<string, string, int> Submits { get; } = new()
    {
        { nameof(SubmitFault.None), "Accepted", 1 },
        { nameof(SubmitFault.Refused), "Refused", 0 },
        { nameof(SubmitFault.Moderated), "Refused", 0 },
        { nameof(SubmitFault.RateLimited), "Refused", 0 },
        { nameof(SubmitFault.RateLimitedWithRetryAfter), "Refused", 0 },
        { nameof(SubmitFault.Unauthorized), "Refused", 0 },
        { nameof(SubmitFault.OutOfCredit), "Refused", 0 },
        { nameof(SubmitFault.ErrorBeforeAcceptance), "Unknown", 0 },
        { nameof(SubmitFault.ErrorAfterAcceptance), "Unknown", 1 },
        { nameof(SubmitFault.ResetBeforeAcceptance), "Unknown", 0 },
        { nameof(SubmitFault.ResetAfterAcceptance), "Unknown", 1 },
        { nameof(SubmitFault.ResetMidBodyAfterAcceptance), "Unknown", 1 },
        { nameof(SubmitFault.NoAnswerAfterAcceptance), "Unknown", 1 },
        { nameof(SubmitFault.MalformedAfterAcceptance), "Unknown", 1 },
        { nameof(SubmitFault.HugeAfterAcceptance), "Unknown", 1 },
    };

    [Theory]
    [MemberData(nameof(Submits))]
    public async Task A_submit_goes_as_planned(string fault, string result, int accepted)
    {
        await using var provider = await FakeProvider.StartAsync();
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.QueryByOurId);
        provider.Books.Plan(new JobPlan { Submit = Enum.Parse<SubmitFault>(fault) });

        var submitted = await adapter.SubmitAsync(Request("att_1"), TestContext.Current.CancellationToken);

        Assert.Equal(result, submitted.GetType().Name);
        Assert.Equal(accepted, provider.Books.Accepted.Count);
        Assert.Equal(1, provider.Books.Submits);
    }

    [Fact]
    public async Task Every_submit_fault_has_its_line_above() =>
        Assert.Equal(Enum.GetNames<SubmitFault>().Order(), await Task.FromResult(Submits.Select(row => row.Data.Item1).Order()));

    [Theory]
    [InlineData(nameof(PollAnswer.Queued), "Running")]
    [InlineData(nameof(PollAnswer.Running), "Running")]
    [InlineData(nameof(PollAnswer.Succeeded), "Succeeded")]
    [InlineData(nameof(PollAnswer.Failed), "Failed")]
    [InlineData(nameof(PollAnswer.Moderated), "Failed")]
    [InlineData(nameof(PollAnswer.UnknownStatus), "Unreadable")]
    [InlineData(nameof(PollAnswer.ServerError), "Unreadable")]
    [InlineData(nameof(PollAnswer.RateLimited), "Unreadable")]
    [InlineData(nameof(PollAnswer.Reset), "Unreadable")]
    [InlineData(nameof(PollAnswer.Malformed), "Unreadable")]
    [InlineData(nameof(PollAnswer.Huge), "Unreadable")]
    public async Task A_poll_goes_as_planned(string answer, string result)
    {
        await using var provider = await FakeProvider.StartAsync();
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.None);
        provider.Books.Plan(new JobPlan { Polls = [Enum.Parse<PollAnswer>(answer)] });
        var accepted = Assert.IsType<SubmitResult.Accepted>(await adapter.SubmitAsync(Request("att_1"), TestContext.Current.CancellationToken));

        var polled = await adapter.PollAsync(Request("att_1"), accepted.ProviderTaskId, TestContext.Current.CancellationToken);

        Assert.Equal(result, polled.GetType().Name);
    }

    [Theory]
    [InlineData(nameof(EvidenceClass.IdempotencyKey), SubmitFault.ResetAfterAcceptance, "Found")]
    [InlineData(nameof(EvidenceClass.QueryByOurId), SubmitFault.ResetAfterAcceptance, "Found")]
    [InlineData(nameof(EvidenceClass.QueryByOurId), SubmitFault.ResetBeforeAcceptance, "Absent")]
    [InlineData(nameof(EvidenceClass.ListsRecent), SubmitFault.ResetAfterAcceptance, "Found")]
    [InlineData(nameof(EvidenceClass.ListsRecent), SubmitFault.ResetBeforeAcceptance, "Absent")]
    [InlineData(nameof(EvidenceClass.CallsBack), SubmitFault.ResetAfterAcceptance, "Found")]
    [InlineData(nameof(EvidenceClass.CallsBack), SubmitFault.ResetBeforeAcceptance, "Undecided")]
    [InlineData(nameof(EvidenceClass.None), SubmitFault.ResetAfterAcceptance, "Impossible")]
    internal async Task A_lost_submit_is_found_out_as_far_as_the_evidence_goes(string evidence, SubmitFault fault, string result)
    {
        await using var provider = await FakeProvider.StartAsync(honoursIdempotencyKeys: evidence == nameof(EvidenceClass.IdempotencyKey));
        using var adapter = new FakeProviderAdapter(provider, Enum.Parse<EvidenceClass>(evidence));
        provider.Books.Plan(new JobPlan { Submit = fault });
        await adapter.SubmitAsync(Request("att_other"), TestContext.Current.CancellationToken);
        provider.Books.Plan(new JobPlan { Submit = fault });
        await adapter.SubmitAsync(Request("att_1"), TestContext.Current.CancellationToken);

        var found = await adapter.LookupAsync(Request("att_1"), TestContext.Current.CancellationToken);

        Assert.Equal(result, found.GetType().Name);
        Assert.True(provider.Books.Accepted.Count(job => job.ClientId == "att_1") <= 1);
        if (found is LookupResult.Found job)
        {
            Assert.Equal(provider.Books.Accepted.Single(accepted => accepted.ClientId == "att_1").Id, job.ProviderTaskId);
        }
    }

    [Fact]
    public async Task A_callback_lets_class_D_find_its_job()
    {
        await using var provider = await FakeProvider.StartAsync();
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.CallsBack);
        provider.Books.Plan(new JobPlan { Submit = SubmitFault.ResetAfterAcceptance });
        await adapter.SubmitAsync(Request("att_1"), TestContext.Current.CancellationToken);

        adapter.CallBack("att_1");

        Assert.IsType<LookupResult.Found>(await adapter.LookupAsync(Request("att_1"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_result_has_the_asked_shape()
    {
        var video = await FfProbe.ReadAsync(await FakeMedia.MakeAsync(new ResultShape("mp4", 320, 180, 1.5, 24, Audio: true)));
        var image = await FfProbe.ReadAsync(await FakeMedia.MakeAsync(new ResultShape("webp", 123, 77, 0, 0, Audio: false)));

        Assert.Equal(("h264", 320, 180, 36, "aac"), (video.VideoCodec, video.Width, video.Height, video.Frames, video.AudioCodec));
        Assert.Equal(1.5, video.Seconds, 0.1);
        Assert.Equal(("webp", 123, 77), (image.VideoCodec, image.Width, image.Height));
    }

    private static ProviderRequest Request(string attemptId) => new()
    {
        AttemptId = attemptId,
        Route = RouteSpec.InOurWords("fake", "vendor-model"),
        Model = "model",
        Mode = "text-to-image",
        Prompt = "A red fox",
        Parameters = JsonDocument.Parse("{}").RootElement,
        Inputs = [],
        Output = new OutputSpec { Media = MediaType.Image, Format = "png", Width = 64, Height = 48 },
        IntendedAt = TimeProvider.System.GetUtcNow(),
    };
}
