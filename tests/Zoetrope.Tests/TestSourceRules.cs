using System.Text.RegularExpressions;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests;

/// <summary>What the sources of the tests must keep to; each rule returns one line per violation.</summary>
internal static class TestSourceRules
{
    /// <summary>Folders that have no room of the product: tools of the tests, and what is tested from outside.</summary>
    private static readonly string[] OwnFolders = ["EndToEnd", "Fixtures", "Fixtures/Running", "Fixtures/Simulation", "Providers/Conformance", "Providers/Toy"];

    /// <summary>Only the fixtures wait, and all they wait for has an end: a loop of a test's own is one that hangs some day.</summary>
    public static IEnumerable<string> Waits(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        where file.Folder != "Fixtures"
        from found in Regex.Matches(file.Code, @"\bTask\.Delay\b|\bThread\.Sleep\b|\bnew PeriodicTimer\b|\bwhile\s*\(true\)|\bfor\s*\(;;\)").Select(match => match.Value)
            .Concat(WaitingLoops(file.Code))
        select $"{file.Path}: {found} (Fixtures/Until.cs waits with an end)";

    /// <summary>A test lies where what it tests lies.</summary>
    public static IEnumerable<string> Folders(IReadOnlyList<SourceFile> sources) =>
        from folder in sources.Where(file => file.Path.Contains('/', StringComparison.Ordinal)).Select(file => FolderOf(file)).Distinct()
        where !OwnFolders.Contains(folder) && !ProductHas(folder)
        select $"{folder}/: there is no such folder in the product";

    /// <summary>The namespace is the folder.</summary>
    public static IEnumerable<string> Namespaces(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        let wanted = FolderOf(file).Length == 0 ? "Zoetrope.Tests" : "Zoetrope.Tests." + FolderOf(file).Replace('/', '.')
        let found = Regex.Match(file.Code, @"^namespace ([\w.]+);", RegexOptions.Multiline)
        where found.Success && found.Groups[1].Value != wanted
        select $"{file.Path}: the namespace is {found.Groups[1].Value}, the folder is {wanted}";

    /// <summary>Only a clock that is a test's own may say what day it is: today's date is another one tomorrow.</summary>
    public static IEnumerable<string> Dates(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        from match in Regex.Matches(file.Code, @"\bDateTime(?:Offset)?\.(?:Now|UtcNow|Today)\b")
        select $"{file.Path}: {match.Value}";

    private static string FolderOf(SourceFile file) => file.Path.Contains('/', StringComparison.Ordinal) ? file.Path[..file.Path.LastIndexOf('/')] : "";

    // A room of the server, or a project of its own: Cli/Commands is src/Zoetrope.Cli/Commands.
    private static bool ProductHas(string folder) =>
        Directory.Exists(Path.Combine(SourceTree.Root, "src", "Zoetrope.Server", folder)) || Directory.Exists(Path.Combine(SourceTree.Root, "src", $"Zoetrope.{folder}"));

    private static IEnumerable<string> WaitingLoops(string code)
    {
        foreach (var loop in Regex.Matches(code, @"\b(?:while|do)\b").Cast<Match>())
        {
            var end = EndOf(code, loop.Index);
            if (Regex.IsMatch(code[loop.Index..end], @"\bawait\b"))
            {
                yield return $"a loop that awaits, in line {code[..loop.Index].Count(c => c == '\n') + 1}";
            }
        }
    }

    // The condition and the block behind it.
    private static int EndOf(string code, int start)
    {
        var (round, curly) = (0, 0);
        for (var i = start; i < code.Length; i++)
        {
            switch (code[i])
            {
                case '(': round++; break;
                case ')': round--; break;
                case '{' when round == 0: curly++; break;
                case '}' when round == 0 && --curly == 0: return i;
                case ';' when round == 0 && curly == 0: return i;
            }
        }

        return code.Length;
    }
}
