using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Zoetrope.Server.Hosting.Commands.Lookup;
using Zoetrope.Server.Hosting.Commands.Moving;
using Zoetrope.Server.Hosting.Commands.Secrets;
using Zoetrope.Server.Hosting.Commands.Upkeep;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>The words after <c>./run</c>. Without one, the server runs.</summary>
internal static class OperatorCommands
{
    public static async Task<int> RunAsync(string[] args)
    {
        FileModes.KeepPrivate();

        // Not RootCommand: help should name the script people type, not the program behind it.
        const string About = "Zoetrope, a self-hosted gateway for image and video generation. Without a command, it runs the server.";
        var root = new Command("./run", About)
        {
            new HelpOption(),
            new VersionOption { Action = new PrintVersion() },
            CommandOutput.Json,
            new Command("serve", "Run the server (the default)").Serving(),
            DemoCommand.Create(),
            AccountCommands.Create(),
            KeyCommands.Create(),
            CreditCommands.Create(),
            VoucherCommands.Create(),
            SuspenseCommands.Create(),
            CaseCommands.Create(),
            TaskCommands.Create(),
            TaskCommands.Find(),
            ProviderCommands.Create(),
            CheckCommands.Ledger(),
            CatalogCommands.Create(),
            MigrateCommand.Create(),
            NodesCommand.Create(),
            BackupCommands.Backup(),
            BackupCommands.Restore(),
            ExportCommand.Create(),
            ImportCommand.Create(),
            SecretCommands.Create(),
            OperatorCommand.Create(),
            ArtifactCommands.Create(),
            UsageCommands.Create(),
            OpenApiCommand.Create(),
        };
        root.Serving();
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            return CommandOutput.Fail(
                "USAGE",
                $"{string.Join(' ', parsed.Errors.Select(error => error.Message).Distinct())} Run it with --help to see what is allowed.",
                StartException.BadSettings);
        }

        // The server ends itself on SIGTERM; the parser's own handler would cut its shutdown short.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ProductVersion.Text);
            return 0;
        }
    }

    private static Command Serving(this Command command)
    {
        command.SetAction((_, cancellationToken) => CommandOutput.GuardAsync(() => ServeCommand.RunAsync(cancellationToken)));
        return command;
    }
}
