using System.Security.Cryptography;

namespace Zoetrope.Server.Artifacts;

/// <summary>Files being written, on the same file system as the store so that publishing is a rename.</summary>
internal sealed class TemporaryFiles
{
    private readonly string _directory;

    public TemporaryFiles(ArtifactOptions options)
    {
        _directory = Path.Combine(Path.GetFullPath(options.DataDirectory), "tmp");
        Results = Directory.CreateDirectory(Path.Combine(_directory, "results")).FullName;
    }

    /// <summary>The only directory that media workers write into; no input is kept there.</summary>
    public string Results { get; }

    public string NewResultPath() => Path.Combine(Results, Path.GetFileName(NewPath()));

    public string NewPath() => Path.Combine(_directory, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));

    /// <summary>A file that is found again under its name, until the sweep considers it forgotten.</summary>
    public string PathOf(string name) => Path.Combine(_directory, name);

    public static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    /// <summary>Removes what crashed processes left; a live download is never that old.</summary>
    public void DeleteOlderThan(DateTimeOffset moment)
    {
        foreach (var file in new DirectoryInfo(_directory).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (file.LastWriteTimeUtc < moment.UtcDateTime)
            {
                file.Delete();
            }
        }
    }
}
