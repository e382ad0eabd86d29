using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>Section <c>Zoetrope:OpenAi</c>: the door for OpenAI's own clients.</summary>
internal sealed class OpenAiOptions
{
    private FrozenDictionary<string, string>? _byName;

    /// <summary>Names that clients send, and the models they mean: <c>name = model, name = model</c>.</summary>
    [RegularExpression(@"^\s*(?:[^=,\s]+\s*=\s*[^=,\s]+\s*(?:,\s*|$))*$", ErrorMessage = "Aliases must have the form: name = model, name = model")]
    public string Aliases { get; init; } = "";

    /// <summary>How long an image request is held open. Node's own fetch gives up at five minutes, whatever its client says.</summary>
    [Range(1, 3_600)]
    public int ImageWaitSeconds { get; init; } = 280;

    /// <summary>The model behind an alias.</summary>
    public IReadOnlyDictionary<string, string> ByName => _byName ??= Aliases
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(pair => pair.Split('=', StringSplitOptions.TrimEntries))
        .ToFrozenDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
}
