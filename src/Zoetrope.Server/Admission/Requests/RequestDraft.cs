using System.Text.Json;

namespace Zoetrope.Server.Admission.Requests;

/// <summary>A request as a door understood its dialect, before anything is checked against the model.</summary>
internal sealed record RequestDraft
{
    /// <summary>Null or empty is a missing model.</summary>
    public string? Model { get; init; }

    public DraftPrompt? Prompt { get; init; }

    /// <summary>A second place that also gave a prompt; it must agree with the first.</summary>
    public DraftPrompt? OtherPrompt { get; init; }

    public IReadOnlyList<DraftField> Fields { get; init; } = [];

    /// <summary>An address that is told what becomes of the task.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>What is wrong with the dialect's own shape; told only after the model is known to exist.</summary>
    public Problem? Malformed { get; init; }
}

/// <summary>A prompt and where it was written; <paramref name="Text"/> is null when it is no string.</summary>
internal sealed record DraftPrompt(string Field, string? Text);

/// <summary>One value of a request.</summary>
/// <param name="Field">The path as the client wrote it, for errors.</param>
/// <param name="Name">Our snake_case name; null for a field that the dialect has no place for.</param>
/// <param name="Value">The value as it came. Nothing keeps it after the request is resolved.</param>
internal readonly record struct DraftField(string Field, string? Name, JsonElement Value)
{
    /// <summary>The older dialect's single image; resolves to the model's own image parameter.</summary>
    public const string LegacyImage = "image";
}
