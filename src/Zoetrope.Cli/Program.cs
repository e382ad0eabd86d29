using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Zoetrope.Cli.Commands;

namespace Zoetrope.Cli;

/// <summary>The table of contents: every command of <c>zoetrope</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using var interruption = new Interruption();
        var parsed = Root(interruption).Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            var terminal = new Terminal(parsed.GetValue(Invocation.Json), verbose: false);
            var faults = string.Join(' ', parsed.Errors.Select(error => error.Message).Distinct());
            return terminal.Fail("USAGE", faults, ExitCode.Usage, [$"{PathOf(parsed.CommandResult)} --help shows how"]);
        }

        // Signals are ours: what a command does when it is interrupted is more than to stop.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static RootCommand Root(Interruption interruption)
    {
        var root = Commands(interruption);
        root.SetAction(parsed => new HelpAction().Invoke(parsed));
        return root;
    }

    private static RootCommand Commands(Interruption interruption) => new("Images and videos from a Zoetrope server")
    {
        Connection.BaseUrlOption,
        Connection.ApiKeyOption,
        Connection.ProfileOption,
        Invocation.Json,
        Invocation.Verbose,
        GenerateCommand.Generate(interruption),
        GenerateCommand.Of("image", interruption),
        GenerateCommand.Of("video", interruption),
        UpscaleCommand.Create(interruption),
        ModelsCommand.Create(interruption),
        TasksCommand.Create(interruption),
        TasksCommand.Cancel(interruption),
        BatchesCommand.Create(interruption),
        ShareCommand.Create(interruption),
        CreditsCommand.Create(interruption),
        RedeemCommand.Create(interruption),
        UsageCommand.Create(interruption),
        BudgetsCommand.Create(interruption),
        MembersCommand.Create(interruption),
        MeCommand.Create(interruption),
        WebhooksCommand.Create(interruption),
        GrantsCommand.Create(interruption),
        KeysCommand.Create(interruption),
        McpCommand.Create(interruption),
        LoginCommand.Create(interruption),
        LoginCommand.Logout(interruption),
        CompletionCommand.Create(interruption),
    };

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "zoetrope";
}
