using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests;

/// <summary>The rules of the tests' own sources.</summary>
public sealed class TestSourceTests
{
    private static readonly IReadOnlyList<SourceFile> Sources = SourceTree.Read("tests/Zoetrope.Tests");

    /// <summary>Per rule, a file that breaks it: a rule that finds nothing anywhere would prove nothing.</summary>
    public static TheoryData<string, string, string> Offenders { get; } = new()
    {
        { nameof(TestSourceRules.Waits), "Ledger/A.cs", "class A { async Task B() { while (!_done) { await C(); } } }" },
        { nameof(TestSourceRules.Waits), "Ledger/A.cs", "class A { async Task B() { do { await C(); } while (!_done); } }" },
        { nameof(TestSourceRules.Waits), "Ledger/A.cs", "class A { async Task B() { while (await C() != 3) { D(); } } }" },
        { nameof(TestSourceRules.Waits), "Ledger/A.cs", "class A { async Task B() { while (true) { C(); } } }" },
        { nameof(TestSourceRules.Waits), "Ledger/A.cs", "class A { Task B() => Task.Delay(50); }" },
        { nameof(TestSourceRules.Folders), "Elsewhere/A.cs", "class A;" },
        { nameof(TestSourceRules.Namespaces), "Ledger/A.cs", "namespace Zoetrope.Tests.Accounts;\nclass A;" },
        { nameof(TestSourceRules.Dates), "Ledger/A.cs", "class A { object B() => DateTimeOffset.UtcNow; }" },
    };

    [Theory]
    [MemberData(nameof(Offenders))]
    public void A_rule_finds_an_offender(string rule, string path, string text)
    {
        var folder = path[..path.LastIndexOf('/')];

        Assert.Contains(Run(rule, [.. Sources, new SourceFile(path, text)]), violation => violation.StartsWith(folder, StringComparison.Ordinal));
    }

    [Fact]
    public void Only_the_fixtures_wait() => Assert.Empty(Run(nameof(TestSourceRules.Waits), Sources));

    [Fact]
    public void Every_folder_is_a_folder_of_the_product() => Assert.Empty(Run(nameof(TestSourceRules.Folders), Sources));

    [Fact]
    public void Every_namespace_is_its_folder() => Assert.Empty(Run(nameof(TestSourceRules.Namespaces), Sources));

    [Fact]
    public void No_test_asks_for_today_s_date() => Assert.Empty(Run(nameof(TestSourceRules.Dates), Sources));

    private static IReadOnlyList<string> Run(string rule, IReadOnlyList<SourceFile> sources) =>
        [.. (IEnumerable<string>)typeof(TestSourceRules).GetMethod(rule)!.Invoke(null, [sources])!];
}
