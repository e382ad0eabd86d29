namespace Zoetrope.Studio.Tests;

/// <summary>Where the sources and what was built of them lie.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Studio => Path.Combine(Root, "src/Zoetrope.Studio");

    public static string PublishedStudio => Path.Combine(Root, "artifacts/publish/Zoetrope.Studio/release/wwwroot");

    public static string Server => Path.Combine(Root, "artifacts/bin/Zoetrope.Server/release/Zoetrope.Server.dll");

    private static string Find(string directory) =>
        File.Exists(Path.Combine(directory, "Zoetrope.slnx")) ? directory : Find(Path.GetDirectoryName(directory.TrimEnd('/'))!);
}
