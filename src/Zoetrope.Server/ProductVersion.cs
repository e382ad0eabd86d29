using System.Reflection;

namespace Zoetrope.Server;

/// <summary>The version of this build, as <c>--version</c> prints it and as vendors and receivers of webhooks see it.</summary>
internal static class ProductVersion
{
    /// <summary>The version that CHANGELOG.md describes, such as <c>1.2.0</c> or, between two releases, <c>1.3.0-alpha</c>.</summary>
    public static string Text { get; } = Of(
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0");

    /// <summary>
    /// Without the number of commits since the last tag and the commit itself: <c>1.3.0-alpha.12+652e0e9</c> is
    /// <c>1.3.0-alpha</c>.
    /// </summary>
    internal static string Of(string informational)
    {
        var version = informational.Split('+')[0];
        var height = version.LastIndexOf('.');
        return version.Contains('-', StringComparison.Ordinal) && long.TryParse(version.AsSpan(height + 1), out _)
            ? version[..height]
            : version;
    }
}
