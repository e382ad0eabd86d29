namespace Zoetrope.Cli;

/// <summary>What the shell is told; scripts rely on these numbers.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The command line, or what it names on this machine, is wrong; nothing was asked of the server.</summary>
    public const int Usage = 1;

    /// <summary>The server refused.</summary>
    public const int Refused = 2;

    /// <summary>The task ended without a result.</summary>
    public const int TaskFailed = 3;

    /// <summary>The server was not reached, or could not answer.</summary>
    public const int Unreachable = 4;

    /// <summary>A file could not be read or written.</summary>
    public const int File = 5;

    /// <summary>A bug of this program.</summary>
    public const int Bug = 70;

    public const int Interrupted = 128 + 2;

    public const int Terminated = 128 + 15;
}
