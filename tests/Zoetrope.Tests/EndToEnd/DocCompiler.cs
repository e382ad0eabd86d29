using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>
/// Compiles the C# of the pages with the SDK's compiler: the blocks of one page in their order, as a reader types them, with the
/// usings that they bring and those that every project has.
/// </summary>
internal static class DocCompiler
{
    // What the SDK gives to every project, and the web's to a server.
    private const string Implicit = "using System; using System.Collections.Generic; using System.IO; using System.Linq; using System.Net.Http; using System.Threading; using System.Threading.Tasks; using Microsoft.AspNetCore.Builder; using Microsoft.AspNetCore.Http;";

    /// <summary>What the reader of a page has already.</summary>
    private static readonly Dictionary<string, string> Given = new()
    {
        ["src/Zoetrope.Client/README.md"] =
            "string path, string folder, (string Id, int Number) order, IReadOnlyList<Zoetrope.Contracts.VicSee.GenerateRequest> requests, string secret, string oldSecret, Microsoft.AspNetCore.Builder.WebApplication app",
        ["src/Zoetrope.Client.Extensions/README.md"] =
            "Microsoft.Extensions.DependencyInjection.IServiceCollection services, Microsoft.Extensions.AI.IImageGenerator generator, string path",
    };

    /// <returns>What the compiler says; empty is good.</returns>
    public static async Task<string> CompileAsync(IEnumerable<DocBlock> blocks, string directory)
    {
        var files = new List<string>();
        foreach (var page in blocks.GroupBy(block => block.File))
        {
            var path = Path.Combine(directory, $"Page{files.Count}.cs");
            await File.WriteAllTextAsync(path, Program(page.Key, [.. page], files.Count));
            files.Add(path);
        }

        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(reference => $"-r:\"{reference}\"");
        var response = Path.Combine(directory, "csc.rsp");
        await File.WriteAllLinesAsync(response, ["-nologo", "-nostdlib", "-target:library", "-nullable:enable", "-langversion:latest", "-warn:0", $"-out:\"{Path.Combine(directory, "pages.dll")}\"", .. references, .. files.Select(file => $"\"{file}\"")]);
        await using var compiler = ChildProcess.TryStart("dotnet", [Csc(), "-noconfig", $"@{response}"]) ?? throw new InvalidOperationException("There is no dotnet on this machine.");
        var exitCode = await compiler.ExitCodeAsync(Until.Patience);
        return exitCode == 0 ? "" : compiler.Output;
    }

    private static string Program(string page, IReadOnlyList<DocBlock> blocks, int number)
    {
        var lines = blocks.SelectMany(block => block.Text.Split('\n').Select((text, line) => (text, Place: $"#line {block.Line + 1 + line} \"{block.File}\""))).ToList();
        var isHead = (string line) => line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';') && !line.Contains('=', StringComparison.Ordinal) || line.StartsWith("#pragma", StringComparison.Ordinal);
        var heads = lines.Where(line => isHead(line.text)).Select(line => line.text).Distinct().OrderBy(line => line.StartsWith('#') ? 0 : 1);
        var body = lines.Where(line => !isHead(line.text)).SelectMany(line => new[] { line.Place, line.text });

        // An awaited task, so that a page without one is no warning; a parameter's experimental type is the page's to silence.
        return string.Join('\n', [.. heads, Implicit, $"static class Page{number} {{ static async Task Run({Given.GetValueOrDefault(page, "")}) {{ await Task.CompletedTask;", .. body, "} }"]);
    }

    private static string Csc()
    {
        var root = new DirectoryInfo(Path.GetDirectoryName(typeof(object).Assembly.Location)!).Parent!.Parent!.Parent!.FullName;
        return Directory.EnumerateDirectories(Path.Combine(root, "sdk"), "10.*").Order(StringComparer.Ordinal).Select(sdk => Path.Combine(sdk, "Roslyn", "bincore", "csc.dll")).Last(File.Exists);
    }
}
