namespace Zoetrope.Server.Doors.Shared;

/// <summary>Refuses a query with the character U+0000 before any door reads it: no database column can hold it.</summary>
internal static class QueryText
{
    private static readonly Problem Zero = Problems.InvalidParameter.With(
        "The query contains the character U+0000 (%00).", allowed: "text without U+0000");

    /// <summary>After routing, so that the door's dialect words the refusal.</summary>
    public static IApplicationBuilder UseQueryText(this IApplicationBuilder app) => app.Use(static (context, next) =>
        context.Request.QueryString.Value is { Length: > 0 } query && query.Contains("%00", StringComparison.Ordinal)
            ? ProblemResponse.WriteAsync(context, Zero with { Field = FieldOf(context.Request.Query) })
            : next(context));

    private static string? FieldOf(IQueryCollection query)
    {
        var field = query.FirstOrDefault(pair => pair.Value.ToString().Contains('\0')).Key;
        return string.IsNullOrEmpty(field) ? null : field;
    }
}
