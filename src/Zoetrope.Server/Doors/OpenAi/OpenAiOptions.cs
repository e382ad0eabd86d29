using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>Section <c>Zoetrope:OpenAi</c>: the door for OpenAI's own clients.</summary>
internal sealed class OpenAiOptions : IValidatableObject
{
    private FrozenDictionary<string, string>? _byName;

    /// <summary>Names that clients send, and the models they mean: <c>name = model, name = model</c>.</summary>
    [RegularExpression(
        @"^\s*(?:[^=,\s]+\s*=\s*[^=,\s]+\s*(?:,\s*|$))*$",
        ErrorMessage = "Aliases must have the form: name = model, name = model")]
    public string Aliases { get; init; } = "";

    /// <summary>How long an image request is held open. Node's own fetch gives up at five minutes, whatever its client says.</summary>
    [Range(1, 3_600)]
    public int ImageWaitSeconds { get; init; } = 280;

    /// <summary>The model behind an alias.</summary>
    public IReadOnlyDictionary<string, string> ByName =>
        _byName ??= Pairs.ToFrozenDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);

    private IEnumerable<string[]> Pairs => Aliases
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(pair => pair.Split('=', StringSplitOptions.TrimEntries));

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Pairs
        .GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase)
        .Where(group => group.Skip(1).Any())
        .Select(group => new ValidationResult($"Aliases names {group.Key} more than once. Name it once.", [nameof(Aliases)]));
}
