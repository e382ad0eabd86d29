using Zoetrope.Server;
using Zoetrope.Server.Providers.Sandbox;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>The tables of <c>docs/errors.md</c> are the lists in the code, line by line and in their order.</summary>
public sealed class ErrorDocsTests
{
    private static readonly string[][] Rows =
    [
        .. File.ReadLines(Path.Combine(SourceTree.Root, "docs", "errors.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split(" | ").Select(cell => cell.Trim()).ToArray()),
    ];

    [Fact]
    public void Every_error_code_is_documented_as_it_is()
    {
        var documented = Rows.Where(row => !row[0].StartsWith("`[[", StringComparison.Ordinal)).ToList();

        Assert.Equal(Problems.All.Select(kind => $"`{kind.Code}`"), documented.Select(row => row[0]));
        Assert.Equal(
            Problems.All.Select(kind => (kind.Status == 0 ? "200" : $"{kind.Status}", kind.Retryable ? "yes" : "no", kind.Meaning)),
            documented.Select(row => (row[1], row[2], row[3])));
        Assert.All(documented, row => Assert.True(row.Length == 5 && row[4].Length > 0, $"How is {row[0]} provoked?"));
    }

    [Fact]
    public void Every_magic_prompt_is_documented_as_it_is()
    {
        var documented = Rows.Where(row => row[0].StartsWith("`[[", StringComparison.Ordinal)).ToList();

        Assert.Equal(MagicPrompts.All.Select(magic => ($"`{magic.Marker}`", magic.Meaning)), documented.Select(row => (row[0], row[1])));
        Assert.All(documented, row => Assert.Equal(3, row.Length));
    }
}
