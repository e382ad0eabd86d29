using System.Security.Cryptography;
using System.Text;
using Xunit.Sdk;
using Xunit.v3;
using Zoetrope.Tests.Fixtures.Running;

[assembly: TestCollectionOrderer(typeof(Shuffled))]
[assembly: TestClassOrderer(typeof(Shuffled))]
[assembly: TestMethodOrderer(typeof(Shuffled))]
[assembly: TestCaseOrderer(typeof(Shuffled))]

namespace Zoetrope.Tests.Fixtures.Running;

/// <summary>
/// Another order for every seed, the same one for the same: <c>./test --seed 123</c>, or <c>:123</c> as the first argument of
/// the test program. The order of two tests does not depend on which others run. Classes that take long begin first.
/// </summary>
public sealed class Shuffled : ITestCollectionOrderer, ITestClassOrderer, ITestMethodOrderer, ITestCaseOrderer
{
    // Their tests, one after the other, wait for minutes: whichever began last would be alone at the end.
    private static readonly string[] Longest = [".EndToEnd.", "ConformanceTests", "EvidenceTests", "PaidCallTests", "SimulationTests"];

    public IReadOnlyCollection<T> OrderTestCollections<T>(IReadOnlyCollection<T> testCollections)
        where T : ITestCollection =>
        [.. Shuffle(testCollections, static item => item.UniqueID).OrderByDescending(static item => Longest.Any(name => item.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal)))];

    public IReadOnlyCollection<T?> OrderTestClasses<T>(IReadOnlyCollection<T?> testClasses)
        where T : notnull, ITestClass => Shuffle(testClasses, static item => item?.UniqueID);

    public IReadOnlyCollection<T?> OrderTestMethods<T>(IReadOnlyCollection<T?> testMethods)
        where T : notnull, ITestMethod => Shuffle(testMethods, static item => item?.UniqueID);

    public IReadOnlyCollection<T> OrderTestCases<T>(IReadOnlyCollection<T> testCases)
        where T : ITestCase => Shuffle(testCases, static item => item.UniqueID);

    private static IReadOnlyCollection<T> Shuffle<T>(IReadOnlyCollection<T> all, Func<T, string?> idOf)
    {
        var seed = Randomizer.Seed;
        return [.. all.OrderBy(item => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {idOf(item)}"))), StringComparer.Ordinal)];
    }
}
