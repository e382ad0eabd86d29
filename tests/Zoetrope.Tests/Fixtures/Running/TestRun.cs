using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit.Sdk;
using Xunit.v3;
using Zoetrope.Tests.Fixtures.Running;

[assembly: TestFramework(typeof(TestRun))]

namespace Zoetrope.Tests.Fixtures.Running;

/// <summary>xUnit's own way to run tests, and besides: every test has a time limit, and a journal says what is running.</summary>
public sealed class TestRun : XunitTestFramework
{
    /// <summary>Many times what the slowest takes on a quiet machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static readonly TimeSpan NightlyLimit = TimeSpan.FromMinutes(30);

    protected override ITestFrameworkExecutor CreateExecutor(Assembly assembly) => new Executor(base.CreateExecutor(assembly));

    internal static TimeSpan LimitOf(ITestCase test) =>
        test.Traits.TryGetValue("Category", out var categories) && categories.Contains("Nightly") ? NightlyLimit : Limit;

    private sealed class Executor(ITestFrameworkExecutor inner) : ITestFrameworkExecutor, IAsyncDisposable
    {
        public async ValueTask RunTestCases(
            IReadOnlyCollection<ITestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions, CancellationToken? cancellationToken = null)
        {
            var limits = testCases.DistinctBy(test => test.UniqueID).ToDictionary(test => test.UniqueID, LimitOf);
            foreach (var test in testCases.OfType<XunitTestCase>().Where(test => test.Timeout == 0 && IsAsync(test.TestMethod.Method)))
            {
                SetTimeout(test, (int)limits[test.UniqueID].TotalMilliseconds);
            }

            using var journal = new TestJournal(executionMessageSink, limits, Environment.GetEnvironmentVariable("ZOETROPE_TEST_REPORT"));
            await inner.RunTestCases(testCases, journal, executionOptions, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner is IAsyncDisposable disposable ? disposable.DisposeAsync() : ValueTask.CompletedTask;

        // Only a test that can be left waiting can be given up; one that blocks its thread is the journal's to end.
        private static bool IsAsync(MethodInfo method) => typeof(Task).IsAssignableFrom(method.ReturnType) || method.ReturnType == typeof(ValueTask);

        // [Fact(Timeout = …)] sets this; xUnit has no default for an assembly, and 800 attributes would be forgotten on the next test.
        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_Timeout")]
        private static extern void SetTimeout(XunitTestCase test, int milliseconds);
    }
}
