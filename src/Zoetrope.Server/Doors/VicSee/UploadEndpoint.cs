using System.Text.Json;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>POST /api/v1/upload</c>: returns a URL to upload an input file to.</summary>
internal static class UploadEndpoint
{
    private const int MaxBody = 16 * 1024;

    public static IEndpointRouteBuilder MapUploadEndpoint(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/upload", async Task<Answer> (HttpContext context, Uploads uploads) =>
            {
                var caller = context.Caller();
                return (await TicketAsync(context, uploads, caller.AccountId, caller.Mode)).Failed(out var problem, out var ticket)
                    ? problem
                    : Target(ticket);
            })
            .RequireCaller(Scopes.Generate)
            .WithBodyLimit(MaxBody)
            .WithName("upload")
            .WithSummary("Get a URL to upload an input file to")
            .WithDescription(
                "`{contentType, sizeBytes?}`. PUT the bytes to `uploadUrl` with exactly that Content-Type, then use `publicUrl` "
                + "as an input.")
            .WithTags("Uploads")
            .Accepts<UploadRequest>("application/json")
            .Produces<Envelope<UploadTarget>>();
        return routes;
    }

    /// <summary>The upload that the body requests.</summary>
    public static async Task<Outcome<UploadTicket>> TicketAsync(HttpContext context, Uploads uploads, string accountId, KeyMode mode)
    {
        var reading = await JsonBody.ReadAsync(context);
        if (reading.Failed(out var problem, out var document))
        {
            return problem;
        }

        using var _ = document;
        var body = document.RootElement;
        long? sizeBytes = null;
        if (body.TryGetProperty("sizeBytes", out var given) && !ValueReader.IsAbsent(given))
        {
            if (given.ValueKind != JsonValueKind.Number || !ValueReader.TryInteger(given, out var number))
            {
                return Problems.InvalidParameter.With("sizeBytes must be a whole number.", "sizeBytes", allowed: "1 or more");
            }

            sizeBytes = number;
        }

        var contentType = body.TryGetProperty("contentType", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()
            : null;
        return await uploads.CreateAsync(accountId, mode, contentType, sizeBytes);
    }

    private static Answer Target(UploadTicket ticket)
    {
        var target = new UploadTarget(
            ticket.UploadUrl.AbsoluteUri, ticket.PublicUrl.AbsoluteUri, ticket.Key, WireTime.Text(ticket.ExpiresAt));
        return Answer.Json(new Envelope<UploadTarget>(target), UploadJson.Default.EnvelopeUploadTarget);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<UploadTarget>))]
internal sealed partial class UploadJson : JsonSerializerContext;
