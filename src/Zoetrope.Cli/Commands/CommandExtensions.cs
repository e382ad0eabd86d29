using System.CommandLine;

namespace Zoetrope.Cli.Commands;

/// <summary>How a command says what it does.</summary>
internal static class CommandExtensions
{
    public static Command Doing(this Command command, Interruption interruption, Func<Invocation, Task> run) =>
        command.Doing(interruption, async invocation =>
        {
            await run(invocation);
            return ExitCode.Done;
        });

    public static Command Doing(this Command command, Interruption interruption, Func<Invocation, Task<int>> run)
    {
        command.SetAction((parsed, _) => Invocation.RunAsync(parsed, interruption, run));
        return command;
    }
}
