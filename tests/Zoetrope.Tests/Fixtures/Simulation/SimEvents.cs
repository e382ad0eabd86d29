using Zoetrope.Server;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>One of each state, with and without a wish to cancel, and one of each event.</summary>
internal static class SimEvents
{
    public static readonly DateTimeOffset Now = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ProviderError Error = new(ProviderErrorKind.Unavailable, "", "");

    public static IReadOnlyList<GenerationEvent> Events { get; } =
    [
        new GenerationEvent.Claimed(TimeSpan.FromMinutes(1)),
        new GenerationEvent.Intended("att_1", TimeSpan.FromSeconds(30), null),
        new GenerationEvent.Accepted("job", null),
        new GenerationEvent.Held(TimeSpan.Zero),
        new GenerationEvent.Refused(Error, null),
        new GenerationEvent.OutcomeLost(""),
        new GenerationEvent.FoundAbsent(),
        new GenerationEvent.StillUnknown(""),
        new GenerationEvent.NeverKnown(""),
        new GenerationEvent.ProgressSeen(1, null, TimeSpan.FromSeconds(1)),
        new GenerationEvent.ReadFailed("", null),
        new GenerationEvent.ResultReady(TimeSpan.FromSeconds(30)),
        new GenerationEvent.Ingested("[]", 1),
        new GenerationEvent.OutputRejected(""),
        new GenerationEvent.ProviderFailed(Error),
        new GenerationEvent.DeadlineStopped(),
        new GenerationEvent.DeadlineAbandoned(),
        new GenerationEvent.CancelRequested(),
        new GenerationEvent.CancelConfirmed(),
        new GenerationEvent.CancelDeclined(),
    ];

    public static IReadOnlyList<Generation> Generations { get; } =
    [
        .. from state in (Generation[])
           [
               New(GenerationStatus.Queued),
               New(GenerationStatus.Running) with { Step = GenerationStep.Submit },
               New(GenerationStatus.Running) with { Step = GenerationStep.Submit, AttemptId = "att_1" },
               New(GenerationStatus.Running) with { Step = GenerationStep.Poll, AttemptId = "att_1" },
               New(GenerationStatus.Running) with { Step = GenerationStep.Ingest, AttemptId = "att_1" },
               New(GenerationStatus.Succeeded),
               New(GenerationStatus.Failed),
               New(GenerationStatus.Canceled),
           ]
           from cancel in Enum.GetValues<CancelState>()
           select state with { Cancel = cancel },
    ];

    private static Generation New(GenerationStatus status) => new()
    {
        AccountId = "acct_1",
        Id = "task_1",
        Mode = KeyMode.Live,
        KeyId = "key_1",
        Status = status,
        Version = 1,
        Model = "m",
        Media = MediaType.Image,
        Prompt = "p",
        Parameters = "{}",
        Output = "{}",
        Route = 0,
        Provider = "ark",
        Quoted = 1,
        CreatedAt = Now,
        NextRunAt = Now,
    };
}
