namespace Zoetrope.Server.Doors.Shared;

/// <summary>A parameter of an endpoint that reads its request by hand, for the API's description.</summary>
/// <param name="Place">query or header.</param>
/// <param name="Type">A JSON Schema type.</param>
internal sealed record ApiParameter(string Place, string Name, string Type, string Description);

/// <summary>An example body of an endpoint that reads its request by hand.</summary>
internal sealed record ApiExample(string Json);

/// <summary>What the hand-written handlers add to the API description.</summary>
internal static class ApiNotes
{
    public static TBuilder WithQuery<TBuilder>(this TBuilder builder, string name, string type, string description)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ApiParameter("query", name, type, description));

    public static TBuilder WithIdempotencyKey<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ApiParameter(
            "header",
            "Idempotency-Key",
            "string",
            "1–255 characters; use a new key for each new request. A retry with the same key and body returns the first "
            + "answer again and creates nothing twice."));

    public static TBuilder WithCreditConfirmation<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ApiParameter(
            "header",
            Admission.Gates.Consent.Header,
            "integer",
            "Accepts a price of up to this many credits; a request that costs more is refused. Needed only if the key has a threshold "
            + "and the request costs more. For a program with OAuth access it is a ceiling and no confirmation."));

    public static TBuilder WithAttribution<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder
        .WithMetadata(new ApiParameter(
            "header",
            "X-Zoetrope-Tags",
            "string",
            "Tags for every request of this call, as `team=red,job=7`; a comma in a value is written `%2C`. A tag of the body wins over "
            + "one of the same name here."))
        .WithMetadata(new ApiParameter(
            "header", "X-Zoetrope-User", "string", "Your own user that this call is for, 1–128 characters. `user` of the body wins."));

    public static TBuilder WithExample<TBuilder>(this TBuilder builder, string json)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ApiExample(json));
}
