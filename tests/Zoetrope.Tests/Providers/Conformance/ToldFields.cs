using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>
/// What a task tells of a submit and what the vendor received of it, in one form: each value with its field. Told is everything
/// but what the exceptions below name: the prompt, the files with their addresses and handles, the model id, which the task
/// tells beside the fields, and what is between vendor and server only.
/// </summary>
internal static partial class ToldFields
{
    /// <summary>Of ids of attempts, callback addresses and folders of the operator a customer is not told; the model id is told elsewhere.</summary>
    private static readonly HashSet<string> BetweenVendorAndUs =
    [
        "model", "model_name", "callback_url", "webhook", "webhook_events_filter", "external_task_id", "safety_identifier", "parameters.storageUri", "prompt_id",
    ];

    /// <summary>Members beside a file or a prompt that say what it is. The route's own are told, those of a file are not.</summary>
    private static readonly HashSet<string> Descriptions = ["type", "role", "mimeType", "mime_type", "referenceType"];

    /// <summary>The members that hold a whole request below another name: Replicate's.</summary>
    private const string Inside = "input.";

    public static IReadOnlyList<string> Of(JsonObject sent) =>
        [
            .. sent.SelectMany(field => Leaves(Brackets().Replace(field.Key, ""), field.Value, static _ => false))
                .Where(leaf => !Describes(leaf))
                .Order(StringComparer.Ordinal),
        ];

    public static IReadOnlyList<string> Received(VendorRequest request, string prompt)
    {
        var body = request.Json.Count > 0 ? request.Json : Form(request);
        var vicsee = request.Path.EndsWith("/generate", StringComparison.Ordinal);
        return
        [
            .. body.SelectMany(member => Leaves(member.Key, member.Value, text => text == prompt || IsFile(text)))
                .Where(leaf => !Describes(leaf))
                .Select(leaf => !vicsee && leaf.StartsWith(Inside, StringComparison.Ordinal) ? leaf[Inside.Length..] : leaf)
                .Where(leaf => !BetweenVendorAndUs.Contains(leaf[..leaf.IndexOf('=', StringComparison.Ordinal)]))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<string> Leaves(string path, JsonNode? node, Func<string, bool> untold)
    {
        switch (node)
        {
            case JsonObject members:
                return members.SelectMany(member => Leaves($"{path}.{member.Key}", member.Value, untold));
            case JsonArray items:
                return items.SelectMany(item => Leaves(path, item, untold));
            case JsonValue value when value.TryGetValue<string>(out var text):
                return untold(text) ? [] : [$"{Brackets().Replace(path, "")}={text}"];
            default:
                return [$"{Brackets().Replace(path, "")}={node?.ToJsonString()}"];
        }
    }

    private static bool Describes(string leaf)
    {
        var path = leaf[..leaf.IndexOf('=', StringComparison.Ordinal)];
        var last = path.LastIndexOf('.');
        return last > 0 && Descriptions.Contains(path[(last + 1)..]);
    }

    // Bytes, or an address: the fakes' uploads, this server's own, or a public one.
    private static bool IsFile(string text) => text.Length > 100 || Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" or "data";

    private static JsonObject Form(VendorRequest request)
    {
        var boundary = request.Header("Content-Type")!.Split("boundary=")[1].Trim('"');
        var form = new JsonObject();
        foreach (var part in Encoding.Latin1.GetString(request.Body).Split("--" + boundary).Skip(1).SkipLast(1))
        {
            var end = part.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (!part[..end].Contains("filename=", StringComparison.Ordinal))
            {
                form[PartName().Match(part[..end]).Groups[1].Value] = part[(end + 4)..^2];
            }
        }

        return form;
    }

    [GeneratedRegex("\\[[^\\]]*\\]")]
    private static partial Regex Brackets();

    [GeneratedRegex("name=\"?([^\";\r\n]+)")]
    private static partial Regex PartName();
}
