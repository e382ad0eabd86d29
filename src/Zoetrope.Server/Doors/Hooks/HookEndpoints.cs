using System.Buffers;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Doors.Hooks;

/// <summary>
/// <c>/hooks/{provider}/{token}</c>: where providers call back. The token makes the call ours, the vendor's signature (where it
/// signs) makes it genuine; either way it only wakes the generation, which then reads the provider.
/// </summary>
internal static class HookEndpoints
{
    /// <summary>Some vendors put inline results into the call; those are read from the vendor again, not from here.</summary>
    private const int MaxBody = 4 * 1024 * 1024;

    public static IEndpointRouteBuilder MapHooks(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/hooks/{provider}/{token}", ReceiveAsync)
            .AllowAnonymousCaller("the URL holds a secret of one attempt, and what is sent to it is never believed")
            .WithBodyLimit(MaxBody)
            .ExcludeFromDescription();
        return routes;
    }

    private static async Task<Answer> ReceiveAsync(HttpContext context, string provider, string token, CallbackInbox inbox)
    {
        var headers = context.Request.Headers.ToDictionary(
            header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        return await inbox.ReceiveAsync(provider, token, headers, () => ReadAsync(context), context.RequestAborted) switch
        {
            CallbackReading.Genuine => Answer.Of(Results.Ok()),
            CallbackReading.Challenge challenge => Answer.Of(Results.Text(challenge.Answer, "application/json")),
            CallbackReading.Forged => Problems.InvalidSignature.With("The callback's signature does not match."),
            _ => await NoneAsync(context),
        };
    }

    // Read to its end and forgotten, so that too large a body is still called that.
    private static async Task<Problem> NoneAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        return Problems.NotFound.With("No callback exists at this URL.");
    }

    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        var body = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            var read = await context.Request.Body.ReadAsync(body.GetMemory(4096), context.RequestAborted);
            if (read == 0)
            {
                return body.WrittenSpan.ToArray();
            }

            body.Advance(read);
        }
    }
}
