using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Studio.Create;

/// <summary>Parts of a task that can be composed again.</summary>
[Flags]
public enum Recalled
{
    None = 0,
    Prompt = 1,

    /// <summary>The family and what was set of it, without the seed.</summary>
    Settings = 2,
    Seed = 4,

    /// <summary>The result itself, as the picture to begin with.</summary>
    Picture = 8,
    Everything = Prompt | Settings | Seed,
}

/// <summary>The address that does it, so that it is a link like any other.</summary>
internal static class RecallAddress
{
    public static string Of(TaskState task, Recalled parts) =>
        $"/?use={parts.ToString().ToLowerInvariant()}&of={Uri.EscapeDataString(task.Id)}";

    public static Recalled Read(string? parts) =>
        Enum.TryParse<Recalled>(parts, ignoreCase: true, out var read) && Enum.IsDefined(read) ? read : Recalled.None;
}
