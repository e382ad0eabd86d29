using Markdig;
using Markdig.Syntax;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>
/// A fenced block of the repository's Markdown. Its info string is a language and, for what cannot run in a test, <c>not-run: why</c>,
/// or <c>needs: program…</c> for what runs where these programs are.
/// </summary>
internal sealed record DocBlock(string File, int Line, string Language, string Note, string Text)
{
    private const string Excused = "not-run:";
    private const string Wants = "needs:";

    public string Place => $"{File}:{Line}";

    /// <summary>Why no test runs it; null where one does.</summary>
    public string? NotRun => Note.StartsWith(Excused, StringComparison.Ordinal) ? Note[Excused.Length..].Trim() : null;

    public IReadOnlyList<string> Programs => Note.StartsWith(Wants, StringComparison.Ordinal) ? Note[Wants.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];

    public bool HasKnownNote => Note.Length == 0 || NotRun is { Length: > 0 } || Programs.Count > 0;

    public static IReadOnlyList<DocBlock> All { get; } = [.. Files().SelectMany(Read)];

    /// <summary>Every page that a reader meets; nothing that a build or an installation left there.</summary>
    private static IEnumerable<string> Files()
    {
        var root = SourceTree.Root;
        return Directory.EnumerateFiles(root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Path.Combine(root, "samples"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateDirectories(Path.Combine(root, "src")).Select(folder => Path.Combine(folder, "README.md")).Where(System.IO.File.Exists))
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<DocBlock> Read(string path) =>
        Markdown.Parse(System.IO.File.ReadAllText(path)).Descendants<FencedCodeBlock>().Select(block => new DocBlock(
            Path.GetRelativePath(SourceTree.Root, path), block.Line + 1, block.Info ?? "", block.Arguments ?? "", block.Lines.ToString()));
}
