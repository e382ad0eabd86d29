using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>Section <c>Zoetrope:Mcp</c>: the door for agents.</summary>
internal sealed class McpOptions
{
    /// <summary>Further origins of web pages that may call the door, comma-separated; programs send none.</summary>
    [RegularExpression(
        @"^\s*(?:https?://[^,\s/]+\s*(?:,\s*|$))*$",
        ErrorMessage = "AllowedOrigins must have the form: https://host, https://host:port")]
    public string AllowedOrigins { get; init; } = "";

    /// <summary>Longest wait of one call in seconds; common clients give up on a silent call after 60.</summary>
    [Range(1, 55)]
    public int WaitSeconds { get; init; } = 45;

    /// <summary>How long a call waits for its user's answer to a question.</summary>
    [Range(1, 3_600)]
    public int QuestionSeconds { get; init; } = 300;

    public IReadOnlyList<string> Origins =>
        AllowedOrigins.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
