namespace Zoetrope.Server.Doors.Shared;

/// <summary>Who may use an endpoint. An endpoint without a rule is refused, so a forgotten one cannot become public.</summary>
internal abstract record AccessRule
{
    /// <summary>A customer's API key with these scopes.</summary>
    public sealed record Key(Scopes Scopes) : AccessRule
    {
        /// <summary>Not even a program that the key's holder gave access to.</summary>
        public bool NotGrants { get; init; }
    }

    /// <summary>The operator's key of the Admin door.</summary>
    public sealed record Operator : AccessRule;

    /// <summary>Everyone, for the reason given; a test lists these.</summary>
    public sealed record Anonymous(string Reason) : AccessRule;
}

internal static class AccessRules
{
    private static readonly AccessRule.Operator Operator = new();

    public static TBuilder RequireCaller<TBuilder>(this TBuilder builder, Scopes scopes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule.Key(scopes));

    /// <summary>As above, for what outlives a program's access or takes effect beyond it: only whoever holds a key may do it.</summary>
    public static TBuilder RequireKey<TBuilder>(this TBuilder builder, Scopes scopes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule.Key(scopes) { NotGrants = true });

    public static TBuilder RequireOperator<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(Operator);

    public static TBuilder AllowAnonymousCaller<TBuilder>(this TBuilder builder, string reason)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule.Anonymous(reason));

    /// <summary>Every endpoint with its rule, null if it was forgotten: what the test of anonymous routes reads.</summary>
    public static IReadOnlyList<(string Route, AccessRule? Rule)> List(EndpointDataSource endpoints) =>
    [
        .. endpoints.Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => (Route: NameOf(endpoint), Rule: endpoint.Metadata.GetMetadata<AccessRule>()))
            .OrderBy(item => item.Route, StringComparer.Ordinal),
    ];

    private static string NameOf(RouteEndpoint endpoint)
    {
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods;
        return $"{(methods is { Count: > 0 } ? string.Join(',', methods) : "*")} /{endpoint.RoutePattern.RawText?.TrimStart('/')}";
    }
}
