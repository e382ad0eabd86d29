using System.Globalization;
using System.Text.Json;
using Zoetrope.Contracts.VicSee;
using static Zoetrope.Studio.Texts.Words;

namespace Zoetrope.Studio.Create;

/// <summary>How wide a result stands on a page, known before it is there. Classes, because a page has no inline style.</summary>
internal static class Shapes
{
    private static readonly (string Class, double Ratio)[] Classes =
        [("k916", 9 / 16.0), ("k34", 3 / 4.0), ("k11", 1), ("k43", 4 / 3.0), ("k32", 3 / 2.0), ("k169", 16 / 9.0)];

    public static string ClassOf(TaskState task) => Classes.MinBy(one => Math.Abs(Math.Log(one.Ratio / RatioOf(task)))).Class;

    /// <summary>The settings that people name a result by.</summary>
    public static IEnumerable<string> Settings(TaskState task)
    {
        if (Setting(task, "duration") is { Length: > 0 } seconds)
        {
            yield return T("create.seconds", seconds);
        }

        foreach (var name in (string[])["aspect_ratio", "resolution", "quality"])
        {
            if (Setting(task, name) is { Length: > 0 } value and not ("auto" or "adaptive"))
            {
                yield return value;
            }
        }
    }

    private static string Setting(TaskState task, string name) =>
        task.ResolvedParams.ValueKind == JsonValueKind.Object && task.ResolvedParams.TryGetProperty(name, out var value) ? Composition.Text(value) : "";

    private static double RatioOf(TaskState task) => task.Result is { Width: { } width and > 0, Height: { } height and > 0 } ? (double)width / height
        : Setting(task, "aspect_ratio").Split(':') is [var w, var h] && double.TryParse(w, CultureInfo.InvariantCulture, out var wide)
            && double.TryParse(h, CultureInfo.InvariantCulture, out var high) && high > 0 ? wide / high
        : task.MediaType == "video" ? 16 / 9.0 : 1;
}
