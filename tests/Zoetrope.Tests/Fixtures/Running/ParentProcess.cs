using System.Runtime.CompilerServices;

namespace Zoetrope.Tests.Fixtures.Running;

/// <summary>A process like the tests' own that has started a child and waits to be killed: this assembly once more, told by its environment.</summary>
internal static class ParentProcess
{
    private const string Program = "ZOETROPE_TEST_PARENT_OF";

    public static ChildProcess Start(string program) =>
        ChildProcess.StartAssembly("Zoetrope.Tests.dll", [], new Dictionary<string, string?> { [Program] = program });

#pragma warning disable CA2255 // The runner owns Main; this is the only way for its assembly to be something else in a child process.
    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Program) is not { } program)
        {
            return;
        }

        Environment.SetEnvironmentVariable(Program, null);
        var child = ChildProcess.TryStart(program, ["600"])!;
        Console.WriteLine($"child {child.Id}");
        Thread.Sleep(TimeSpan.FromMinutes(10));
        Environment.Exit(0);
    }
#pragma warning restore CA2255
}
