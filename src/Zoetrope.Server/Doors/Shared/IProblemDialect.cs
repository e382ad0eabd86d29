namespace Zoetrope.Server.Doors.Shared;

/// <summary>How a door words a refusal: metadata of its endpoints. Without one it is the VicSee envelope.</summary>
internal interface IProblemDialect
{
    Task WriteAsync(HttpContext context, Problem problem);
}

/// <summary>Below this path a door answers in its own format, even if it has no endpoint there.</summary>
internal sealed record DialectRoot(PathString Path, IProblemDialect Dialect);

internal static class ProblemDialects
{
    /// <summary>The door's own way to say no, for every endpoint mapped with the builder.</summary>
    public static TBuilder WithDialect<TBuilder>(this TBuilder builder, IProblemDialect dialect)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(dialect);
}
