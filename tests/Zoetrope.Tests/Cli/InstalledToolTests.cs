using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Cli;

/// <summary>The tool as people have it: packed, installed from a folder, and driven with keys in a terminal that is looked at.</summary>
public sealed class InstalledToolTests(CliServer server) : IClassFixture<CliServer>
{
    private const string Model = "nano-banana-text-to-image";

    [Fact]
    public async Task It_is_packed_installed_and_driven_in_a_terminal()
    {
        using var directory = new TemporaryDirectory();
        await InstallAsync(directory);
        await using var terminal = await Tmux.StartAsync(directory.Path, new Dictionary<string, string>
        {
            ["HOME"] = directory.Path,
            ["PATH"] = $"{directory.File("tools")}:{Environment.GetEnvironmentVariable("PATH")}",
            ["ZOETROPE_BASE_URL"] = server.Zoetrope.Api.Address.AbsoluteUri,
            ["ZOETROPE_API_KEY"] = "",
            ["ZOETROPE_ADMIN_KEY"] = "",
            ["XDG_CONFIG_HOME"] = directory.File("config"),
        });

        // Asked for, and neither shown nor counted.
        await terminal.TypeAsync($"PATH='{directory.File("tools")}':$PATH; zoetrope login");
        await terminal.SeesAsync("Server:");
        await terminal.TypeAsync("");
        await terminal.SeesAsync("API key:");
        await terminal.TypeAsync(server.Customer.Key);
        var login = await terminal.SeesAsync("Logged in at");
        Assert.DoesNotContain("sk-", login, StringComparison.Ordinal);

        // A bar while it runs, one line when it has ended.
        await terminal.TypeAsync($"clear; zoetrope generate {Model} 'A red fox [[slow:4s]]' -o fox.png; echo ended=$?");
        await terminal.SeesLineAsync(@"^nano-banana-text-to-image  running .*\d+%");
        var made = await terminal.SeesAsync("ended=0");
        Assert.DoesNotMatch(@"\d+%", made);
        Assert.True(new FileInfo(directory.File("fox.png")).Length > 1000);

        // Ctrl-C leaves the task and says its name.
        await terminal.TypeAsync($"clear; zoetrope generate {Model} 'A fox [[slow:60s]]'; echo ended=$?");
        await terminal.SeesLineAsync(@"^nano-banana-text-to-image  running");
        await terminal.PressAsync("C-c");
        Assert.Matches(@"zoetrope tasks wait task_\w+", await terminal.SeesAsync("ended=130"));

        // Tab.
        await terminal.TypeAsync("clear; eval \"$(zoetrope completion bash)\"; echo ready=$?");
        await terminal.SeesAsync("ready=0");
        await terminal.PressAsync("zoetrope cred", "Tab");
        await terminal.SeesAsync("zoetrope credits");
        await terminal.PressAsync("Enter");
        await terminal.SeesAsync("(test)");
    }

    private static async Task InstallAsync(TemporaryDirectory directory)
    {
        // What was just built is packed: building it again would prove the compiler.
        var project = Path.Combine(SourceTree.Root, "src", "Zoetrope.Cli");
        await DotnetAsync("pack", project, "-c", "Release", "--no-build", "-o", directory.File("feed"), "--nologo", "--disable-build-servers");
        await File.WriteAllTextAsync(directory.File("nuget.config"), $"""<configuration><packageSources><clear /><add key="packed" value="{directory.File("feed")}" /></packageSources><config><add key="globalPackagesFolder" value="{directory.File("packages")}" /></config></configuration>""");
        await DotnetAsync("tool", "install", "Zoetrope.Cli", "--tool-path", directory.File("tools"), "--configfile", directory.File("nuget.config"), "--prerelease");
    }

    private static async Task DotnetAsync(params string[] arguments)
    {
        await using var dotnet = ChildProcess.TryStart("dotnet", arguments) ?? throw new InvalidOperationException("There is no dotnet on the PATH.");
        var exitCode = await dotnet.ExitCodeAsync(TimeSpan.FromMinutes(5));
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{dotnet.Output}");
    }
}
