using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Providers.Google;

namespace Zoetrope.Server.Providers.Vertex;

/// <summary>Paths on Vertex AI, and Veo's bodies and answers.</summary>
internal static partial class VertexWire
{
    public static readonly TimeSpan PollAfter = TimeSpan.FromSeconds(5);

    private static readonly FieldPath StorageUri = FieldPath.Of("parameters.storageUri");

    public static Uri BaseUrl(string location) => new(location switch
    {
        "global" => "https://aiplatform.googleapis.com/",
        "us" or "eu" => $"https://aiplatform.{location}.rep.googleapis.com/",
        _ => $"https://{location}-aiplatform.googleapis.com/",
    });

    public static string SubmitPath(string project, string location, string model) =>
        $"v1/projects/{project}/locations/{location}/publishers/google/models/{model}:predictLongRunning";

    public static string PicturePath(string project, string location, string model) =>
        $"v1/projects/{project}/locations/{location}/publishers/google/{PictureWire.Method(model)}";

    /// <summary>Where an operation is read; null for a name that this API does not give.</summary>
    public static string? PollPath(string operation) =>
        Operation().Match(operation) is { Success: true } match ? $"v1/{match.Groups["model"].Value}:fetchPredictOperation" : null;

    public static PreparedSubmit Prepare(ProviderRequest request, VertexFolder? folder)
    {
        var prepared = PreparedSubmit.Of(request, static (body, input) => new JsonObject
        {
            ["bytesBase64Encoded"] = body.File(input),
            ["mimeType"] = input.ContentType,
        });
        if (folder is not null)
        {
            StorageUri.Set(prepared.Body.Json, JsonValue.Create(folder.Of(request.AttemptId)));
        }

        return prepared;
    }

    public static VendorBody Poll(string operation) => new() { Json = { ["operationName"] = operation } };

    public static SubmitResult? ReadSubmit(VendorAnswer answer) =>
        answer.Json.TextAt("name") is { } operation && PollPath(operation) is not null
            ? new SubmitResult.Accepted(operation, PollAfter)
            : null;

    /// <param name="answer">Any answer to a poll.</param>
    /// <param name="shelf">Where short files go.</param>
    /// <param name="stored">Makes a download of a <c>gs://</c> address.</param>
    public static PollResult? ReadPoll(VendorAnswer answer, ResultShelf shelf, Func<string, ProviderOutput?> stored)
    {
        if (answer.Status == 404)
        {
            return new PollResult.Failed(
                new ProviderError(
                    ProviderErrorKind.Expired,
                    "NOT_FOUND",
                    answer.Json.TextAt("error", "message") ?? "Google no longer knows the operation."));
        }

        if (!answer.IsSuccess || !answer.IsJson)
        {
            return null;
        }

        // A pending operation has no "done" at all.
        if (answer.Json.FlagAt("done") != true)
        {
            return new PollResult.Running(PollAfter: PollAfter);
        }

        if (answer.Json.At("error") is { ValueKind: JsonValueKind.Object } error)
        {
            return new PollResult.Failed(GoogleErrors.OfOperation(error));
        }

        var outputs = answer.Json.ItemsAt("response", "videos")
            .Select(video => Output(answer, video, shelf, stored))
            .OfType<ProviderOutput>()
            .ToList();
        return outputs.Count > 0 ? new PollResult.Succeeded(outputs) : new PollResult.Failed(Empty(answer.Json));
    }

    /// <summary>The videos of a folder's listing.</summary>
    public static IReadOnlyList<ProviderOutput> ReadListing(
        VendorAnswer answer, VertexFolder folder, Func<string, ProviderOutput?> stored) =>
        [.. answer.Json.ItemsAt("items")
            .Select(item => item.TextAt("name"))
            .Where(name => name?.EndsWith(".mp4", StringComparison.Ordinal) == true)
            .Select(name => stored($"gs://{folder.Bucket}/{name}")).OfType<ProviderOutput>()];

    private static ProviderOutput? Output(
        VendorAnswer answer, JsonElement video, ResultShelf shelf, Func<string, ProviderOutput?> stored) =>
        video.TextAt("gcsUri") is { } address ? stored(address)
        : video.TextAt("bytesBase64Encoded") is { } text ? new ProviderOutput(null, InlineMedia.PathOf(answer, text, shelf))
        : null;

    // A filtered video is a success without one, with the reasons beside it.
    private static ProviderError Empty(JsonElement json)
    {
        var reasons = json.ItemsAt("response", "raiMediaFilteredReasons").Select(reason => reason.GetRawText().Trim('"')).ToList();
        return reasons.Count > 0 || json.NumberAt("response", "raiMediaFilteredCount") > 0
            ? GoogleErrors.Moderated(
                "rai_filtered", reasons.Count > 0 ? string.Join(" ", reasons) : "The video was filtered; no reason was given.")
            : new ProviderError(ProviderErrorKind.BadOutput, "empty", "The operation ended without a video.");
    }

    [GeneratedRegex("^(?<model>projects/[A-Za-z0-9.:_-]+/locations/[a-z0-9-]+/publishers/google/models/[A-Za-z0-9._-]+)"
        + "/operations/[A-Za-z0-9_-]+$")]
    private static partial Regex Operation();
}

/// <summary>The operator's folder in Cloud Storage; each attempt has its own below it, so that a lost answer can be looked up.</summary>
internal sealed record VertexFolder(string Bucket, string Prefix)
{
    /// <exception cref="InvalidOperationException">The setting is no <c>gs://</c> address.</exception>
    public static VertexFolder? Parse(string setting)
    {
        if (setting.Length == 0)
        {
            return null;
        }

        return Split(setting) is { } parts
            ? new VertexFolder(parts.Bucket, parts.Name.Length == 0 ? "" : parts.Name.TrimEnd('/') + "/")
            : throw new InvalidOperationException($"Zoetrope__Vertex__StorageUri is '{setting}'. Write it as gs://bucket/folder.");
    }

    /// <summary>Bucket and object of a <c>gs://</c> address.</summary>
    public static (string Bucket, string Name)? Split(string address)
    {
        if (!address.StartsWith("gs://", StringComparison.Ordinal))
        {
            return null;
        }

        var slash = address.IndexOf('/', 5);
        var bucket = slash < 0 ? address[5..] : address[5..slash];
        return bucket.Length == 0 ? null : (bucket, slash < 0 ? "" : address[(slash + 1)..]);
    }

    public string Of(string attemptId) => $"gs://{Bucket}/{Prefix}{attemptId}/";
}
