using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Cli;

/// <summary>A terminal with a shell in it, of 120 columns: keys go in, and what a person would see comes out.</summary>
internal sealed class Tmux : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _socket = Path.Combine(Path.GetTempPath(), $"zoetrope-{Guid.NewGuid():N}.tmux");

    private Tmux()
    {
    }

    public static async Task<Tmux> StartAsync(string directory, IReadOnlyDictionary<string, string> environment)
    {
        var terminal = new Tmux();
        await terminal.TmuxAsync(["-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", "-c", directory, .. environment.SelectMany(pair => new[] { "-e", $"{pair.Key}={pair.Value}" }), "bash --norc --noprofile"]);
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
        await using var end = ChildProcess.TryStart("tmux", ["-S", _socket, "kill-server"]);
        await end!.ExitCodeAsync(Patience);
        File.Delete(_socket);
    }

    private async Task<string> SeesAsync(string wanted, Func<string, bool> isWanted)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var screen = await TmuxAsync(["capture-pane", "-p", "-J"]);
            if (screen.Split('\n').Any(isWanted))
            {
                return screen;
            }

            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"The terminal never showed '{wanted}':\n{screen}");
            }

            await Task.Delay(50);
        }
    }

    private async Task<string> TmuxAsync(string[] arguments)
    {
        await using var tmux = ChildProcess.TryStart("tmux", ["-S", _socket, .. arguments]) ?? throw new InvalidOperationException("There is no tmux on this machine; ./test installs it.");
        return await tmux.ExitCodeAsync(Patience) == 0 ? tmux.StandardOutput : throw new InvalidOperationException($"tmux {string.Join(' ', arguments)}: {tmux.Output}");
    }
}
