using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Schema;

[Field("One model: what it accepts, what it makes, what it costs and who serves it. With the id of a known model, only what changes.")]
internal sealed record ModelEntry
{
    [Field("The name that requests use.", Required = true, Pattern = "^[a-z0-9.-]{1,80}$")]
    public string Id { get; set; } = "";

    [Field("Legacy names that still mean this model.")]
    public IReadOnlyList<string> Aliases { get; set; } = [];

    [Field("The name that people read.", Required = true)]
    public string Name { get; set; } = "";

    [Field("Models that differ only in their mode share a family.", Required = true)]
    public string Family { get; set; } = "";

    [Field("The company that trained it.", Required = true)]
    public string Vendor { get; set; } = "";

    [Field("What it makes.", Required = true)]
    public MediaType MediaType { get; set; }

    [Field("What it makes from what.", Required = true, WordsOf = nameof(ModelSpec.Modes))]
    public string Mode { get; set; } = "";

    [Field("One or two sentences for people and agents.", Required = true)]
    public string Description { get; set; } = "";

    [Field("Whether the model will be retired, and when. Active by default.")]
    public Lifecycle Lifecycle { get; set; } = Lifecycle.Active;

    [Field("Whether a prompt is needed and how long it can be.", Required = true)]
    public PromptSpec Prompt { get; set; } = PromptSpec.None;

    [Field("The parameters by name, in the order of the listing. Null removes a parameter that a fragment defines.", Required = true)]
    public OrderedDictionary<string, ParameterEntry> Parameters { get; set; } = [];

    [Field("Fields that this model accepts and that have no effect.")]
    public IReadOnlyList<string> Ignored { get; set; } = [];

    [Field("Conditions on several parameters.")]
    public IReadOnlyList<RuleEntry> Rules { get; set; } = [];

    [Field("Limits of all input files together.")]
    public TotalsEntry Totals { get; set; } = new();

    [Field("What a result costs in credits. Every allowed combination of parameters must have a price.", Required = true)]
    public PriceEntry? Price { get; set; }

    [Field("Who set the price: VicSee published it, or Zoetrope derived it.", "vicsee", "zoetrope", Required = true)]
    public string PriceSource { get; set; } = "";

    [Field("How the price was derived, if VicSee does not publish it. Required if priceSource is zoetrope.")]
    public string? Derivation { get; set; }

    [Field("How size, length and sound of the result follow from the parameters.", Required = true)]
    public OutputEntry? Output { get; set; }

    [Field("The providers that can serve it, in order of preference. The sandbox serves every model and is not listed.")]
    public IReadOnlyList<RouteEntry> Routes { get; set; } = [];

    [Field("Seconds after which an unfinished generation fails as TIMED_OUT.", Required = true, Min = 10, Max = 86_400)]
    public int DeadlineSeconds { get; set; }

    [Field("Seconds that a generation usually takes; progress and polling follow it.", Required = true, Min = 1, Max = 86_400)]
    public int TypicalSeconds { get; set; }

    [Field("Facts that no public page of VicSee states, and that we took from the vendors or set ourselves.")]
    public IReadOnlyList<string> Assumed { get; set; } = [];
}

[Field("Limits of all input files together.")]
internal sealed record TotalsEntry
{
    [Field("Seconds of all input videos.", Min = 1, Max = PriceRule.MaxSeconds)]
    public int? VideoSeconds { get; set; }

    [Field("Seconds of all input sounds.", Min = 1, Max = PriceRule.MaxSeconds)]
    public int? AudioSeconds { get; set; }
}

[Field("A condition: anyOf; or when and then; or sum and equals.")]
internal sealed record RuleEntry
{
    [Field("What a customer reads if a request breaks the rule.", Required = true)]
    public string Message { get; set; } = "";

    [Field("Parameters of which a request must give at least one.")]
    public IReadOnlyList<string>? AnyOf { get; set; }

    [Field("One parameter with the value or values under which \"then\" holds.")]
    public OrderedDictionary<string, JsonElement>? When { get; set; }

    [Field("One parameter with the value or values that it can have then.")]
    public OrderedDictionary<string, JsonElement>? Then { get; set; }

    [Field("An integer field of the items of an object[] parameter, such as multi_prompt.duration; its sum is compared with \"equals\".")]
    public string? Sum { get; set; }

    [Field("The integer parameter that the sum must equal.")]
    [System.Text.Json.Serialization.JsonPropertyName("equals")]
    public string? Total { get; set; }
}
