using System.Text.Json;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>
/// What README and docs tell people to type works: every fenced block is run, compiled or read, or says in its first line why not.
/// </summary>
public sealed class DocumentationTests : IAsyncLifetime
{
    private static readonly string[] Shells = ["sh", "bash", "console"];

    // Languages, and how many blocks may excuse themselves: one more needs a reason here.
    private static readonly string[] Languages = [.. Shells, "csharp", "ts", "python", "json", "toml", "text"];
    private const int MostNotRun = 15;

    // In the sandbox's place: files of the asked shapes at once, where drawing the films of the pages takes minutes.
    private FakeProvider _provider = null!;
    private FakeProviderAdapter _adapter = null!;
    private TestZoetrope _zoetrope = null!;
    private DocReader _reader = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        _adapter = new FakeProviderAdapter(_provider, EvidenceClass.QueryByOurId);
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { Provider = _adapter });
        _reader = await DocReader.StartAsync(_zoetrope);
    }

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        await _zoetrope.DisposeAsync();
        _adapter.Dispose();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task Every_block_runs_compiles_or_says_why_not()
    {
        var faults = new List<string>();
        var blocks = DocBlock.All;
        Assert.True(blocks.Count(block => Shells.Contains(block.Language)) > 20, "The pages have almost no commands any more; does the test still find them?");
        faults.AddRange(blocks.Where(block => !Languages.Contains(block.Language) || !block.HasKnownNote)
            .Select(block => $"{block.Place}: '{block.Language} {block.Note}' is none of: {string.Join(", ", Languages)}, alone or with 'not-run: why' or 'needs: program…'"));
        var excused = blocks.Where(block => block.NotRun is not null).ToList();
        if (excused.Count > MostNotRun)
        {
            faults.Add($"{excused.Count} blocks say that they cannot run, at most {MostNotRun} may:\n{string.Join('\n', excused.Select(block => $"  {block.Place}: {block.NotRun}"))}");
        }

        var wanted = blocks.Where(block => block.NotRun is null).ToLookup(block => Shells.Contains(block.Language) ? "sh" : block.Language);
        faults.AddRange(wanted["json"].Where(block => !IsJson(block.Text)).Select(block => $"{block.Place}: this is not JSON"));
        if (await DocCompiler.CompileAsync(wanted["csharp"], _reader.Directory) is { Length: > 0 } errors)
        {
            faults.Add(errors);
        }

        faults.AddRange(await FaultsOfAsync(wanted["sh"].Concat(wanted["python"]).Where(block => !IsSlow(block))));
        if (await BatchPricesAsync() is { } prices)
        {
            faults.Add(prices);
        }

        Assert.True(faults.Count == 0, string.Join("\n\n", faults));
    }

    /// <summary>Forty starts of programs, each the work of a second; what they do is tested every day where they are.</summary>
    [Fact]
    [Trait("Category", "Nightly")]
    public async Task Every_command_that_starts_a_program_of_ours_runs_and_so_does_every_script_for_node()
    {
        var faults = await FaultsOfAsync(DocBlock.All.Where(block => block.NotRun is null && IsSlow(block)));

        Assert.True(faults.Count == 0, string.Join("\n\n", faults));
    }

    // README is everybody's first page, so its commands run every day.
    private static bool IsSlow(DocBlock block) => block.Language == "ts"
        || (Shells.Contains(block.Language) && block.File != "README.md" && (block.Text.Contains("./run", StringComparison.Ordinal) || block.Text.Contains("zoetrope ", StringComparison.Ordinal)));

    private async Task<List<string>> FaultsOfAsync(IEnumerable<DocBlock> blocks)
    {
        var faults = new List<string>();
        foreach (var block in blocks)
        {
            if (await FaultOfAsync(block) is { } fault)
            {
                faults.Add($"{block.Place}: {fault}");
            }
        }

        return faults;
    }

    // The one answer on the pages whose figures a reader compares with theirs.
    private async Task<string?> BatchPricesAsync()
    {
        var blocks = DocBlock.All.Where(block => block.File == "docs/batches.md").ToList();
        var (_, output, answer) = await _reader.RunAsync("bash", "-c", _reader.Fill(blocks[0].Text));
        return !answer.StartsWith('{') ? output
            : Prices(blocks[1].Text).SequenceEqual(Prices(answer)) ? null
            : $"{blocks[1].Place}: the prices are {string.Join(", ", Prices(answer))}";
    }

    private static long[] Prices(string answer)
    {
        var data = JsonElement.Parse(answer).GetProperty("data");
        return [data.GetProperty("creditsUsed").GetInt64(), .. data.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("creditsUsed").GetInt64())];
    }

    private async Task<string?> FaultOfAsync(DocBlock block)
    {
        foreach (var program in block.Programs)
        {
            if ((await _reader.RunAsync("bash", "-c", $"command -v {program}")).ExitCode != 0)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{block.Place} was not run: there is no {program} here.");
                return null;
            }
        }

        var text = _reader.Fill(block.Text);
        var (exitCode, output) = block.Language switch
        {
            "ts" => await NodeAsync(text),
            "python" => await ShellAsync("python3", "-c", text),
            "console" => await ShellAsync("bash", "-euo", "pipefail", "-c", string.Join('\n', text.Split('\n').Where(line => line.StartsWith("$ ", StringComparison.Ordinal)).Select(line => line[2..]))),
            _ => await ShellAsync("bash", "-euo", "pipefail", "-c", text),
        };
        return exitCode == 0 ? null : $"this ends with {exitCode}\n{block.Text}\n---\n{output}";
    }

    private async Task<(int ExitCode, string Output)> ShellAsync(string program, params string[] arguments)
    {
        var run = await _reader.RunAsync(program, arguments);
        return (run.ExitCode, run.Output);
    }

    private async Task<(int ExitCode, string Output)> NodeAsync(string text)
    {
        var run = await NodePackages.RunScriptAsync($"process.chdir({JsonSerializer.Serialize(_reader.Directory)});\n{text}", [], extension: ".mts");
        return (run.ExitCode, run.Output);
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
