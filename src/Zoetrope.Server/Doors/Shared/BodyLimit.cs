using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Zoetrope.Server.Doors.Shared.Bodies;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// How many bytes an endpoint reads of a request body. Routing hands the figure to Kestrel, which counts what arrives, with and
/// without a Content-Length. An endpoint without one reads as much as the operator allows (<c>Server:MaxBodyBytes</c>).
/// </summary>
/// <param name="Bytes">The limit in force: the endpoint's own, or the operator's where that is lower.</param>
/// <param name="IsIgnored">The endpoint does not look at the body.</param>
internal sealed record BodyLimit(long Bytes, bool IsIgnored) : IRequestSizeLimitMetadata
{
    /// <summary>For endpoints that need no body: clients send <c>{}</c>, or nothing.</summary>
    private const long Unread = 64 * 1024;

    long? IRequestSizeLimitMetadata.MaxRequestBodySize => Bytes;

    /// <summary>The limit of an endpoint; the operator's may be lower, but never higher.</summary>
    public static void Add(EndpointBuilder endpoint, long bytes, bool isIgnored = false)
    {
        var operators = endpoint.ApplicationServices.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxRequestBodySize;
        endpoint.Metadata.Add(new BodyLimit(Math.Min(bytes, operators ?? long.MaxValue), isIgnored));
    }

    public static void AddUnread(EndpointBuilder endpoint) => Add(endpoint, Unread, isIgnored: true);

    /// <summary>What is answered to a body that is larger than what this request may carry.</summary>
    public static Problem Exceeded(HttpContext context) => Exceeded(context, Of(context));

    public static Problem Exceeded(HttpContext context, long bytes)
    {
        HangUp(context);
        var figure = bytes.ToString(CultureInfo.InvariantCulture);
        return Problems.BodyTooLarge.With($"The request body is larger than {figure} bytes.", allowed: $"at most {figure} bytes");
    }

    /// <summary>The rest of the body is never read, so the connection is of no further use, and the client must know.</summary>
    public static void HangUp(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }
    }

    /// <summary>What this request may carry.</summary>
    public static long Of(HttpContext context) =>
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? long.MaxValue;
}

/// <summary>A file with its own limits, counted while it is stored; the limit of request bodies does not apply to it.</summary>
internal sealed record FileLimit(long Bytes) : IRequestSizeLimitMetadata
{
    long? IRequestSizeLimitMetadata.MaxRequestBodySize => Bytes;
}

internal static class BodyLimits
{
    /// <summary>Reads at most so much, or what the operator allows if that is less.</summary>
    public static TBuilder WithBodyLimit<TBuilder>(this TBuilder builder, long bytes)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => BodyLimit.Add(endpoint, bytes));
        return builder;
    }

    /// <summary>Needs no body; one that is sent anyway is read to its end and forgotten, and a large one refused.</summary>
    public static TBuilder WithoutBody<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(static endpoint => BodyLimit.AddUnread(endpoint));
        return builder;
    }

    /// <summary>
    /// After the callers are known: a body that says it is too large is refused before anything of it is read, whatever would read
    /// it. One without a length is cut off by Kestrel while it is read.
    /// </summary>
    public static IApplicationBuilder UseBodyLimits(this IApplicationBuilder app)
    {
        // Made with the first large body: doors can be built without a place for them.
        var bodies = new Lazy<LargeBodies>(app.ApplicationServices.GetRequiredService<LargeBodies>);
        return app.Use((context, next) => LimitAsync(context, next, bodies));
    }

    private static Task LimitAsync(HttpContext context, RequestDelegate next, Lazy<LargeBodies> bodies)
    {
        var limit = context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>();
        if (limit is FileLimit)
        {
            return next(context);
        }

        if (context.Request.ContentLength > BodyLimit.Of(context))
        {
            return ProblemResponse.WriteAsync(context, BodyLimit.Exceeded(context));
        }

        var isUnsaid = context.Request.ContentLength is null
            && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };
        if (limit is BodyLimit { IsIgnored: true } && isUnsaid)
        {
            return DrainAsync(context, next);
        }

        if (BodyLimit.Of(context) > LargeBodies.Small && (isUnsaid || context.Request.ContentLength > LargeBodies.Small))
        {
            context.Features.Set(bodies.Value);
        }

        return next(context);
    }

    private static async Task DrainAsync(HttpContext context, RequestDelegate next)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        await next(context);
    }
}
