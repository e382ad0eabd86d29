namespace Zoetrope.Studio.Create;

/// <summary>A file of the composer: shown at once, uploaded meanwhile.</summary>
public sealed class Attachment(string kind, string name, string preview)
{
    public string Kind => kind;

    public string Name => name;

    /// <summary>Where this browser shows it from.</summary>
    public string Preview => preview;

    /// <summary>What a request names it by; null until it is uploaded.</summary>
    public string? Url { get; set; }

    /// <summary>Why it cannot be used.</summary>
    public string? Trouble { get; set; }
}
