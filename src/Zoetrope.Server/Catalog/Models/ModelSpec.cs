using System.Collections.Frozen;
using System.Collections.Immutable;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>One model as customers see it: what it accepts, what it makes, what it costs and who serves it.</summary>
internal sealed record ModelSpec
{
    /// <summary>Every mode a model can have; the sandbox and the adapters switch on these words.</summary>
    public static readonly ImmutableArray<string> Modes =
    [
        "text-to-image", "image-to-image", "text-to-video", "image-to-video", "first-last-frame-to-video",
        "reference-to-video", "video-edit", "upscale",
    ];

    public required string Id { get; init; }

    /// <summary>Legacy names that still resolve to this model.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    public required string Name { get; init; }

    public required string Family { get; init; }

    public required string Vendor { get; init; }

    public required MediaType MediaType { get; init; }

    public required string Mode { get; init; }

    public required string Description { get; init; }

    public required Lifecycle Lifecycle { get; init; }

    public required PromptSpec Prompt { get; init; }

    /// <summary>In canonical order; a value's position is its index everywhere else (prices, sizes).</summary>
    public required ImmutableArray<ParameterSpec> Parameters { get; init; }

    /// <summary>Parameter name to its place in <see cref="Parameters"/>.</summary>
    public required FrozenDictionary<string, int> ParameterIndex { get; init; }

    /// <summary>Fields accepted for compatibility that change nothing.</summary>
    public required FrozenSet<string> Ignored { get; init; }

    public ImmutableArray<ModelRule> Rules { get; init; } = [];

    /// <summary>Seconds of all input videos together; null is no limit.</summary>
    public int? TotalVideoSeconds { get; init; }

    public int? TotalAudioSeconds { get; init; }

    public required PriceRule Price { get; init; }

    /// <summary>The price as the catalogue writes it; customers see it so.</summary>
    public required PriceEntry Tariff { get; init; }

    /// <summary>"vicsee" where the price is VicSee's published one, otherwise "zoetrope".</summary>
    public required string PriceSource { get; init; }

    /// <summary>How a price that VicSee does not publish was arrived at.</summary>
    public string? Derivation { get; init; }

    public required OutputRule Output { get; init; }

    /// <summary>Who can serve it, in order of preference. The sandbox serves every model and is not listed.</summary>
    public ImmutableArray<RouteSpec> Routes { get; init; } = [];

    /// <summary>What each of <see cref="Routes"/> costs the operator, in the same order.</summary>
    public ImmutableArray<RouteCost> Costs { get; init; } = [];

    /// <summary>A generation that is not finished by then fails as TIMED_OUT.</summary>
    public required int DeadlineSeconds { get; init; }

    /// <summary>How long a run usually takes; a hint for progress bars and poll schedules.</summary>
    public required int TypicalSeconds { get; init; }

    /// <summary>Facts that no public source of VicSee states and that were taken from the vendors or set by us.</summary>
    public ImmutableArray<string> Assumed { get; init; } = [];

    public RouteCost CostOf(int route) => route >= 0 && route < Costs.Length ? Costs[route] : RouteCost.Unknown;

    public int? IndexOf(string parameter) =>
        ParameterIndex.TryGetValue(parameter, out var index) ? index : null;

    /// <summary>How many files of one kind a request may name.</summary>
    public int MaxInputs(InputKind kind) =>
        Parameters.Where(parameter => parameter.Input == kind).Sum(parameter => parameter.MaxItems ?? 1);
}

/// <summary>Limits of the prompt, in UTF-16 units as browsers count them.</summary>
[Field("Limits of the prompt, in UTF-16 units.")]
internal sealed record PromptSpec(
    [property: Field("Whether a request must have a prompt; false by default.")] bool Required = false,
    [property: Field("The fewest characters; 1 by default.", Min = 0, Max = 1000)] int MinLength = 1,
    [property: Field("The most characters.", Required = true, Min = 1, Max = 100_000)] int MaxLength = 1)
{
    public static readonly PromptSpec None = new();
}

/// <summary>Where a model is in its life.</summary>
[Field("Whether the model will be retired, and when.")]
internal sealed record Lifecycle
{
    public static readonly Lifecycle Active = new() { Status = LifecycleStatus.Active };

    [Field("active; deprecated: still works; retired: refused, with its replacement.", Required = true)]
    public LifecycleStatus Status { get; init; }

    [Field("The day on which the vendor announced the end.")]
    public DateOnly? Announced { get; init; }

    [Field("The day on which the vendor stops or stopped serving it.")]
    public DateOnly? Shutdown { get; init; }

    [Field("The id of the model to use instead.")]
    public string? Replacement { get; init; }

    [Field("For people.")]
    public string? Note { get; init; }
}

internal enum LifecycleStatus
{
    Active,

    /// <summary>Still listed and still answered, at least by the sandbox.</summary>
    Deprecated,

    /// <summary>Refused by name, with its replacement.</summary>
    Retired,
}
