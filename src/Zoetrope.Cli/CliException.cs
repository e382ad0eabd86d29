namespace Zoetrope.Cli;

/// <summary>Something the user can fix. It is printed in one line with its hints below.</summary>
internal sealed class CliException(string code, string message, int exitCode, params IReadOnlyList<string> hints) : Exception(message)
{
    public string Code => code;

    public int ExitCode => exitCode;

    /// <summary>What to do about it, one line each.</summary>
    public IReadOnlyList<string> Hints => hints;

    public static CliException Usage(string message, params IReadOnlyList<string> hints) =>
        new("USAGE", message, Cli.ExitCode.Usage, hints);

    public static CliException File(string message, params IReadOnlyList<string> hints) => new("FILE", message, Cli.ExitCode.File, hints);
}
