using System.Text;
using System.Text.RegularExpressions;

namespace Zoetrope.Tests.Fixtures;

/// <summary>A file of the sources. <see cref="Code"/> is its text with comments and the insides of strings blanked out.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    public string Code { get; } = Blank(Text);

    /// <summary>The first folder below the server; empty for the root values.</summary>
    public string Folder => Path.Contains('/', StringComparison.Ordinal) ? Path[..Path.IndexOf('/', StringComparison.Ordinal)] : "";

    /// <summary>Types of their own, not nested in another: a nested name alone is no sign of where it came from.</summary>
    public IEnumerable<string> TopLevelTypes =>
        Regex.Matches(Code, @"^(?:\w+\s+)*?(?:class|struct|interface|enum|record)\s+(?:(?:struct|class)\s+)?([A-Z]\w*)", RegexOptions.Multiline).Select(match => match.Groups[1].Value);

    public IEnumerable<string> DeclaredTypes =>
        Regex.Matches(Code, @"\b(?:class|struct|interface|enum|record)\s+(?:(?:struct|class)\s+)?([A-Z]\w*)").Select(match => match.Groups[1].Value);

    // Not a parser: enough of the lexical rules that a rule about code is not answered by prose.
    private static string Blank(string text)
    {
        var tokens = new Regex("""
            (?<raw>\$*"{3,}[\s\S]*?"{3,})|(?<verbatim>\$?@\$?"(?:[^"]|"")*")|(?<plain>\$?"(?:\\.|[^"\\\n])*")|(?<char>'(?:\\.[^']*|[^'\\\n])')|(?<line>//[^\n]*)|(?<block>/\*[\s\S]*?\*/)
            """.Trim());
        return tokens.Replace(text, match => new StringBuilder(match.Value.Length)
            .AppendJoin('\n', Enumerable.Repeat(match.Groups["line"].Success || match.Groups["block"].Success ? "" : "\"\"", match.Value.Count(c => c == '\n') + 1))
            .ToString());
    }
}

/// <summary>The repository as a test reads it.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<SourceFile> Server { get; } = Read("src/Zoetrope.Server");

    public static IReadOnlyList<SourceFile> Read(string folder)
    {
        var root = System.IO.Path.Combine(Root, folder);
        return [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => new SourceFile(System.IO.Path.GetRelativePath(root, path).Replace('\\', '/'), File.ReadAllText(path)))
            .OrderBy(file => file.Path, StringComparer.Ordinal)];
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(System.IO.Path.Combine(directory.FullName, "Zoetrope.slnx")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
