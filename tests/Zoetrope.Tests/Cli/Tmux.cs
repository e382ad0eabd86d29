using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Cli;

/// <summary>A terminal with a shell in it, of 120 columns: keys go in, and what a person would see comes out.</summary>
internal sealed class Tmux : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Until.Patience;
    private readonly string _socket = Path.Combine(Path.GetTempPath(), $"zoetrope-{Guid.NewGuid():N}.tmux");

    // In the foreground: a server that goes its own way outlives a killed test.
    private readonly ChildProcess _server;

    private Tmux() => _server = ChildProcess.TryStart("tmux", ["-f", "/dev/null", "-S", _socket, "-D"]) ?? throw Missing();

    public static async Task<Tmux> StartAsync(string directory, IReadOnlyDictionary<string, string> environment)
    {
        var terminal = new Tmux();
        await Until.HoldsAsync(() => File.Exists(terminal._socket), () => terminal._server.Output);
        await terminal.TmuxAsync(["new-session", "-d", "-x", "120", "-y", "40", "-c", directory, .. environment.SelectMany(pair => new[] { "-e", $"{pair.Key}={pair.Value}" }), "bash --norc --noprofile"]);
        return terminal;
    }

    /// <summary>A line and Enter.</summary>
    public async Task TypeAsync(string line)
    {
        if (line.Length > 0)
        {
            await TmuxAsync(["send-keys", "-l", line]);
        }

        await PressAsync("Enter");
    }

    /// <summary>Keys by tmux's names; other texts are typed.</summary>
    public Task PressAsync(params string[] keys) => TmuxAsync(["send-keys", .. keys]);

    /// <summary>Waits until the screen shows a text, and returns the whole screen.</summary>
    public Task<string> SeesAsync(string text) => SeesAsync(text, line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>The same for a line that matches a pattern.</summary>
    public Task<string> SeesLineAsync([StringSyntax(StringSyntaxAttribute.Regex)] string pattern) => SeesAsync(pattern, line => Regex.IsMatch(line, pattern));

    public async ValueTask DisposeAsync()
    {
        await TmuxAsync(["kill-server"]);
        await _server.DisposeAsync();
        File.Delete(_socket);
    }

    private Task<string> SeesAsync(string wanted, Func<string, bool> isWanted) =>
        Until.SeesAsync(() => TmuxAsync(["capture-pane", "-p", "-J"]), screen => screen.Split('\n').Any(isWanted), what: $"'{wanted}' on the screen");

    private static InvalidOperationException Missing() => new("There is no tmux on this machine; ./test installs it.");

    private async Task<string> TmuxAsync(string[] arguments)
    {
        await using var tmux = ChildProcess.TryStart("tmux", ["-S", _socket, .. arguments]) ?? throw Missing();
        return await tmux.ExitCodeAsync(Patience) == 0 ? tmux.StandardOutput : throw new InvalidOperationException($"tmux {string.Join(' ', arguments)}: {tmux.Output}");
    }
}
