namespace Zoetrope.Server.Hosting;

/// <summary>
/// The data directory, held by one server. SQLite itself would let a second server in, two schedulers on one database would drive
/// the same generations, and two nodes would overwrite each other's files; operator commands only read and write rows and do not
/// take it.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _held;

    private DataDirectory(string path, FileStream held) => (FullPath, _held) = (path, held);

    public string FullPath { get; }

    /// <summary>Creates the directory for this user alone.</summary>
    public static string Create(string path)
    {
        try
        {
            // The mode applies to what is created; the owner may have opened an existing directory to a group.
            return OperatingSystem.IsWindows()
                ? Directory.CreateDirectory(path).FullName
                : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartException("DATA_DIRECTORY", $"ZOETROPE_DATA: {exception.Message}", StartException.BadSettings);
        }
    }

    public static DataDirectory Open(string path)
    {
        var full = Create(path);
        try
        {
            return new DataDirectory(
                full, new FileStream(Path.Combine(full, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StartException("DATA_DIRECTORY", $"ZOETROPE_DATA: {exception.Message}", StartException.BadSettings);
        }
        catch (IOException)
        {
            throw new StartException(
                "DATA_DIRECTORY_IN_USE",
                $"Another server uses {full}. Stop it, or set ZOETROPE_DATA and ZOETROPE_URLS to other values for this one.",
                StartException.BadSettings);
        }
    }

    public void Dispose() => _held.Dispose();
}
