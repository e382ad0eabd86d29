using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.ComfyUi;

/// <summary>What a look at the queue and the history saw of a job.</summary>
internal abstract record ComfyUiJob
{
    /// <param name="Place">How many are before it, the running one included.</param>
    internal sealed record Waiting(int Place) : ComfyUiJob;

    internal sealed record Running : ComfyUiJob;

    internal sealed record Ended(JsonElement Entry) : ComfyUiJob;

    /// <summary>In neither: never taken, taken out, or forgotten with a restart.</summary>
    internal sealed record Nowhere : ComfyUiJob;
}

/// <summary>A result file as ComfyUI names it.</summary>
internal sealed record ComfyUiFile(string Name, string Subfolder, string Type)
{
    public string Path =>
        $"view?filename={Uri.EscapeDataString(Name)}&subfolder={Uri.EscapeDataString(Subfolder)}&type={Uri.EscapeDataString(Type)}";
}

/// <summary>ComfyUI's words: requests, answers and what its errors mean.</summary>
internal static partial class ComfyUiWire
{
    /// <summary>From here on a client's prompt_id is kept and an interrupt can name its job.</summary>
    public static readonly Version OldestKnown = new(0, 3, 60);

    /// <summary>The member of a submit that holds the graph.</summary>
    public const string Graph = "prompt";

    private static readonly FrozenSet<string> ImageExtensions = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, ".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif");
    private static readonly FrozenSet<string> VideoExtensions = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, ".mp4", ".webm", ".mov", ".mkv");

    /// <summary>Our attempt as the UUID that ComfyUI wants for a prompt_id: the same one for every question about it.</summary>
    public static string PromptId(string attemptId)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(attemptId)).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    /// <summary>A seed for requests that name none; the attempt's own, so that it can be reported afterwards.</summary>
    public static long SeedOf(string attemptId) => BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"seed {attemptId}")));

    /// <summary>The name under which nodes load an uploaded file; null where the answer has none.</summary>
    public static string? UploadedName(JsonElement answer) => answer.TextAt("name") is { Length: > 0 } name
        ? answer.TextAt("subfolder") is { Length: > 0 } folder ? $"{folder}/{name}" : name
        : null;

    /// <summary>Why a prompt was not taken; null where the answer does not prove it.</summary>
    public static ProviderError? Refusal(VendorAnswer answer, Workflow workflow)
    {
        if (answer.Status != 400 || answer.Json.TextAt("error", "type") is not { } type)
        {
            return null;
        }

        var faults = NodeFaults(answer.Json).ToList();
        var (kind, told) = type == "prompt_outputs_failed_validation"
            && faults.Count > 0
            && faults.All(fault => workflow.Fills(fault.Node, fault.Input) && fault.Type != "required_input_missing")
            ? (ProviderErrorKind.InvalidInput, faults)
            : (ProviderErrorKind.Unavailable, faults);

        // Only names and ComfyUI's fixed sentences: its details list the operator's files.
        var places = string.Join("; ", told.Select(fault => $"{fault.Class}.{fault.Input}: {fault.Message}").Distinct().Take(5));
        var message = answer.Json.TextAt("error", "message") ?? type;
        return new ProviderError(kind, faults.Count > 0 ? faults[0].Type : type, places.Length > 0 ? $"{message} ({places})" : message);
    }

    /// <summary>The job's place in the queue; null if it is not queued.</summary>
    public static ComfyUiJob? InQueue(JsonElement queue, string promptId)
    {
        if (queue.ItemsAt("queue_running").Any(item => IdOf(item) == promptId))
        {
            return new ComfyUiJob.Running();
        }

        // The pending list is a heap: its order is by the number, not by the place.
        var pending = queue.ItemsAt("queue_pending").OrderBy(NumberOf).Select(IdOf).ToList();
        var place = pending.IndexOf(promptId);
        return place < 0 ? null : new ComfyUiJob.Waiting(place + queue.ItemsAt("queue_running").Count());
    }

    public static bool IsQueue(JsonElement queue) =>
        queue.At("queue_running") is { ValueKind: JsonValueKind.Array } && queue.At("queue_pending") is { ValueKind: JsonValueKind.Array };

    /// <summary>Whether an ended job made its files; null for a word that is none of ComfyUI's ends.</summary>
    public static bool? Succeeded(JsonElement entry) => entry.TextAt("status", "status_str") switch
    {
        "success" => true,
        "error" => false,
        null => entry.At("outputs") is { ValueKind: JsonValueKind.Object },
        _ => null,
    };

    public static bool Interrupted(JsonElement entry) => MessageOf(entry, "execution_interrupted") is not null;

    /// <summary>Why an ended job failed. Tracebacks and inputs stay where they are.</summary>
    public static ProviderError Failure(JsonElement entry)
    {
        if (Interrupted(entry))
        {
            return new ProviderError(ProviderErrorKind.Canceled, "execution_interrupted", "The run was interrupted.");
        }

        if (MessageOf(entry, "execution_error") is not { } error)
        {
            return new ProviderError(ProviderErrorKind.Unavailable, "error", "The run failed; no reason was given.");
        }

        var type = error.TextAt("exception_type") ?? "execution_error";
        var text = FirstLine(error.TextAt("exception_message") ?? "");
        var node = error.TextAt("node_type") ?? "a node";
        return type.Contains("OutOfMemory", StringComparison.OrdinalIgnoreCase) || OutOfMemory().IsMatch(text)
            ? new ProviderError(ProviderErrorKind.Unavailable, "out_of_memory", $"{node} ran out of GPU memory.")
            : new ProviderError(KindOf(text), type, $"{node}: {text}");
    }

    /// <summary>The files of the workflow's output nodes that are of the wanted medium; previews are no results.</summary>
    public static IReadOnlyList<ComfyUiFile> Files(JsonElement entry, Workflow workflow, MediaType media)
    {
        // Video nodes of ComfyUI itself put their files under "images", others under "gifs": only the file name shows the type.
        var extensions = media is MediaType.Video ? VideoExtensions : ImageExtensions;
        return
        [
            .. from node in workflow.Outputs
               from list in entry.At("outputs", node) is { ValueKind: JsonValueKind.Object } lists
                   ? lists.EnumerateObject().Select(member => member.Value)
                   : []
               where list.ValueKind is JsonValueKind.Array
               from file in list.EnumerateArray()
               where file.TextAt("type") is not "temp"
                   && file.TextAt("filename") is { } name
                   && extensions.Contains(Path.GetExtension(name))
               select new ComfyUiFile(file.TextAt("filename")!, file.TextAt("subfolder") ?? "", file.TextAt("type") ?? "output"),
        ];
    }

    /// <summary>The server's version; null if it reports none.</summary>
    public static Version? VersionOf(JsonElement stats) =>
        stats.TextAt("system", "comfyui_version") is { } text && Version.TryParse(Digits().Match(text).Value, out var version)
            ? version
            : null;

    public static string Describe(JsonElement stats)
    {
        var devices = stats.ItemsAt("devices").Select(device => string.Create(CultureInfo.InvariantCulture,
            $"{device.TextAt("name") ?? "a device"} with {(device.NumberAt("vram_total") ?? 0) / (1 << 30):0.#} GiB"));
        return $"ComfyUI {VersionOf(stats)?.ToString() ?? "of unknown version"}, {string.Join(", ", devices)}";
    }

    private static IEnumerable<(string Node, string Class, string Type, string Input, string Message)> NodeFaults(JsonElement answer) =>
        from node in answer.At("node_errors") is { ValueKind: JsonValueKind.Object } nodes
            ? nodes.EnumerateObject()
            : Enumerable.Empty<JsonProperty>()
        from error in node.Value.ItemsAt("errors")
        select (
            node.Name,
            node.Value.TextAt("class_type") ?? "node",
            error.TextAt("type") ?? "invalid",
            error.TextAt("extra_info", "input_name") ?? "",
            error.TextAt("message") ?? "");

    // Nodes that call paid services put those services' errors into a sentence.
    private static ProviderErrorKind KindOf(string text) =>
        Moderation().IsMatch(text) ? ProviderErrorKind.ContentRefused
        : Quota().IsMatch(text) ? ProviderErrorKind.QuotaExhausted
        : Login().IsMatch(text) ? ProviderErrorKind.Auth
        : ProviderErrorKind.Unavailable;

    private static JsonElement? MessageOf(JsonElement entry, string name) => entry.ItemsAt("status", "messages")
        .Where(
            message =>
                message.ValueKind is JsonValueKind.Array
                    && message.GetArrayLength() == 2
                    && message[0].ValueKind is JsonValueKind.String
                    && message[0].GetString() == name)
        .Select(message => (JsonElement?)message[1])
        .FirstOrDefault();

    private static string? IdOf(JsonElement item) =>
        item.ValueKind is JsonValueKind.Array && item.GetArrayLength() > 1 && item[1].ValueKind is JsonValueKind.String
            ? item[1].GetString()
            : null;

    private static double NumberOf(JsonElement item) =>
        item.ValueKind is JsonValueKind.Array && item.GetArrayLength() > 0 && item[0].ValueKind is JsonValueKind.Number
            ? item[0].GetDouble()
            : 0;

    private static string FirstLine(string text) => ShortText.Of(text.Trim().Split('\n')[0].Trim(), 300);

    [GeneratedRegex("out of memory|allocation on device", RegexOptions.IgnoreCase)]
    private static partial Regex OutOfMemory();

    [GeneratedRegex("moderat|content policy|safety (system|filter)|flagged", RegexOptions.IgnoreCase)]
    private static partial Regex Moderation();

    [GeneratedRegex("insufficient credit|payment required|not enough credit", RegexOptions.IgnoreCase)]
    private static partial Regex Quota();

    [GeneratedRegex("unauthorized|please (login|log in|sign in)|api key", RegexOptions.IgnoreCase)]
    private static partial Regex Login();

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex Digits();
}
