namespace Zoetrope.Server.Hosting;

/// <summary>Something the operator can fix: one line on stderr and an exit code, never a stack trace.</summary>
internal sealed class StartException(string code, string message, int exitCode = StartException.Refused) : Exception(message)
{
    /// <summary>The command was understood and could not be done.</summary>
    public const int Refused = 1;

    /// <summary>The server cannot run with these settings.</summary>
    public const int BadSettings = 2;

    public string Code => code;

    public int ExitCode => exitCode;

    public static StartException BadSetting(string path, string message) =>
        new("INVALID_SETTING", $"{Settings.VariableName(path)}: {message}", BadSettings);
}
