using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Operate;

/// <summary>The kinds of tags that states have.</summary>
internal static class Tags
{
    public static string OfTask(string status) => status switch { "completed" => "ok", "failed" => "bad", "cancelled" => "off", _ => "warn" };

    public static string OfMode(string mode) => mode == "live" ? "ok" : "warn";
}
