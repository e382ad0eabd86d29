using System.Text.Json;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Catalog.Routes.Transforms;

namespace Zoetrope.Server.Catalog.Schema;

/// <summary>A route as the catalogue writes it.</summary>
[Field("One provider that can serve the model, and how our parameters are written in its request.")]
internal sealed record RouteEntry
{
    [Field("The provider.", Required = true, WordsOf = nameof(RouteSpec.KnownProviders), Open = true)]
    public string Provider { get; set; } = "";

    [Field("The vendor's model id. {mode} stands for the translated value of a parameter whose field is <model>.", Required = true)]
    public string Model { get; set; } = "";

    [Field("Our parameters, each with the vendor's field. Null: the vendor has no such field. *: every parameter that is not named.")]
    public OrderedDictionary<string, string?>? Params { get; set; }

    [Field("How a value changes on the way, by our parameter: a word, or a map of values.", WordsOf = nameof(Transform), Open = true)]
    public OrderedDictionary<string, JsonElement> Transforms { get; set; } = [];

    [Field("What the route supports of a parameter: an array of values, or an object with min and max. * counts all input files.")]
    public OrderedDictionary<string, JsonElement> Accepts { get; set; } = [];

    [Field("Values that apply at this vendor without being sent; a request for any other value takes another route.")]
    public OrderedDictionary<string, JsonElement> Implied { get; set; } = [];

    [Field("Sent with every request, by field path.")]
    public OrderedDictionary<string, JsonElement> Fixed { get; set; } = [];

    [Field("Details that only this provider's adapter reads, as texts: fal's queuePath, the path of Kling and OpenAI.")]
    public OrderedDictionary<string, JsonElement> Extra { get; set; } = [];

    [Field("What the vendor charges for a result, in millionths of a US dollar. Customers do not see it. Without it, the cost is unknown.")]
    public CostEntry? Cost { get; set; }

    [Field("A limit of this route that an operator should know.")]
    public string? Note { get; set; }
}
