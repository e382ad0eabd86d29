namespace Zoetrope.Server.Doors.Shared;

/// <summary>Who may use an endpoint. An endpoint without a rule is refused, so a forgotten one cannot become public.</summary>
internal abstract record AccessRule
{
    /// <summary>Whether a signed-in browser may call it without a key: a column of the list that a test prints.</summary>
    public abstract bool TakesSessions { get; }

    /// <summary>A customer's API key with these scopes.</summary>
    public sealed record Key(Scopes Scopes) : AccessRule
    {
        /// <summary>Not even a program that the key's holder gave access to.</summary>
        public bool NotGrants { get; init; }

        /// <summary>Only programs speak this dialect, so no browser's cookie counts here.</summary>
        public bool NotSessions { get; init; }

        public override bool TakesSessions => !NotSessions;
    }

    /// <summary>Only a signed-in person: what concerns them, and not their account.</summary>
    public sealed record Session : AccessRule
    {
        public override bool TakesSessions => true;
    }

    /// <summary>The operator's key of the Admin door, or the session of a person who runs the server.</summary>
    public sealed record Operator : AccessRule
    {
        public override bool TakesSessions => true;
    }

    /// <summary>Everyone, for the reason given; a test lists these.</summary>
    public sealed record Anonymous(string Reason) : AccessRule
    {
        public override bool TakesSessions => false;
    }
}

/// <summary>A session that calls this must have proved itself within ten minutes; a key proves itself with every call.</summary>
internal sealed record FreshProof;

internal static class AccessRules
{
    private static readonly AccessRule.Operator Operator = new();
    private static readonly AccessRule.Session Session = new();
    private static readonly FreshProof FreshProof = new();

    /// <summary>An API key, a program's token or a signed-in browser.</summary>
    public static TBuilder RequireCaller<TBuilder>(this TBuilder builder, Scopes scopes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule.Key(scopes));

    /// <summary>The same without browsers, for the dialects of programs.</summary>
    public static TBuilder RequireProgram<TBuilder>(this TBuilder builder, Scopes scopes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule.Key(scopes) { NotSessions = true });

    public static TBuilder RequireSession<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(Session);

    public static TBuilder RequireFreshProof<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(FreshProof);

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
