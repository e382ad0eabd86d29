using System.Text.Json;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Cli;

/// <summary>How a command ended and what it wrote.</summary>
internal sealed record CliRun(int ExitCode, string Out, string Error)
{
    public JsonElement Json => JsonElement.Parse(Out);

    /// <summary>The error of a command with <c>--json</c>.</summary>
    public JsonElement JsonError => JsonElement.Parse(Error).GetProperty("error");

    /// <summary>The only line on stdout.</summary>
    public string Line => Assert.Single(Out.TrimEnd('\n').Split('\n'));

    public CliRun Expect(int exitCode) => ExitCode == exitCode ? this : throw new InvalidOperationException($"Expected {exitCode}, got {ExitCode}:\n{Out}\n{Error}");
}

/// <summary>
/// Somebody's shell with the built tool: a home and a working directory of its own, and nothing of the surrounding environment that
/// the tool would listen to.
/// </summary>
internal sealed class CliShell(Uri server, string? key) : IDisposable
{
    private static readonly TimeSpan Patience = Until.Patience;
    private readonly TemporaryDirectory _directory = new();

    /// <summary>In its own output: beside the tests lie only the libraries that ASP.NET does not have.</summary>
    public static string Tool { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Zoetrope.Cli", "release", "Zoetrope.Cli.dll"));

    public string Directory => _directory.Path;

    public string ProfilesFile => Path.Combine(Directory, ".config", "zoetrope", "profiles.json");

    public Dictionary<string, string?> Environment { get; } = new()
    {
        ["ZOETROPE_BASE_URL"] = server.AbsoluteUri,
        ["ZOETROPE_API_KEY"] = key,
        ["ZOETROPE_ADMIN_KEY"] = null,
        ["ZOETROPE_PROFILE"] = null,
        ["VICSEE_API_KEY"] = null,
        ["VICSEE_BASE_URL"] = null,
        ["XDG_CONFIG_HOME"] = null,
        ["XDG_DATA_HOME"] = null,
        ["NO_COLOR"] = null,
    };

    public string File(string name) => _directory.File(name);

    /// <summary>Starts the tool as a shell does: a tool started in the background would never hear of Ctrl-C.</summary>
    public ChildProcess Start(params string[] arguments) => Start("dotnet", [Tool, .. arguments]);

    public Task<CliRun> RunAsync(params string[] arguments) => EndAsync(Start(arguments));

    /// <summary>A line of bash, with the tool as <c>zoetrope</c>.</summary>
    public Task<CliRun> ScriptAsync(string script) => EndAsync(Start("bash", ["-c", $"zoetrope() {{ dotnet '{Tool}' \"$@\"; }}; {script}"]));

    public void Dispose() => _directory.Dispose();

    private static async Task<CliRun> EndAsync(ChildProcess process)
    {
        await using (process)
        {
            var exitCode = await process.ExitCodeAsync(Patience);
            return new CliRun(exitCode, process.StandardOutput, process.StandardError);
        }
    }

    private ChildProcess Start(string program, IEnumerable<string> arguments)
    {
        List<string> all = ["--default-signal=INT", "-C", Directory, $"HOME={Directory}"];
        all.InsertRange(0, Environment.Where(pair => pair.Value is null).SelectMany(pair => new[] { "-u", pair.Key }));
        all.AddRange(Environment.Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={pair.Value}"));
        return ChildProcess.TryStart("env", [.. all, program, .. arguments]) ?? throw new InvalidOperationException("There is no env on this machine.");
    }
}

/// <summary>One server with one customer, for the tests of a class.</summary>
public sealed class CliServer : IAsyncLifetime
{
    internal TestZoetrope Zoetrope { get; private set; } = null!;

    internal Customer Customer { get; private set; } = null!;

    internal CliShell Shell(bool loggedIn = true) => new(Zoetrope.Api.Address, loggedIn ? Customer.Key : null);

    public async ValueTask InitializeAsync()
    {
        // Webhook receivers of the tests are on this machine.
        Zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Egress:AllowedPrivateHosts"] = "127.0.0.1" } });
        Customer = await Zoetrope.Api.CreateCustomerAsync();
    }

    public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
}
