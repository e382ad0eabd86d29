using System.Text.RegularExpressions;

namespace Zoetrope.Server;

/// <summary>Text that somebody looks for.</summary>
internal static partial class SearchText
{
    /// <summary>The pattern of <c>like … escape '!'</c> for what has this part.</summary>
    public static string Pattern(string? part) => $"%{Special().Replace(part ?? "", "!$0")}%";

    [GeneratedRegex("[!%_]")]
    private static partial Regex Special();
}
