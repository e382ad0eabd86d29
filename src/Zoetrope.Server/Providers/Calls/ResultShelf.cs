using System.Security.Cryptography;
using System.Text.Json;

namespace Zoetrope.Server.Providers.Calls;

/// <summary>
/// Keeps the results of vendors that answer a paid submit with the file itself, until the generation is done with them: a
/// process that dies between the answer and the record must not lose what was paid for. Files of this node's disk; who shares
/// them with other nodes takes them from here and puts them here.
/// </summary>
internal sealed class ResultShelf
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(10);
    private readonly string _directory;
    private readonly TimeProvider _time;
    private long _nextSweep;

    public ResultShelf(string dataDirectory, TimeProvider time)
    {
        DataDirectory = Path.GetFullPath(dataDirectory);
        _directory = Path.Combine(DataDirectory, "provider-results");
        _time = time;
        Directory.CreateDirectory(_directory);
    }

    public string DataDirectory { get; }

    /// <summary>A path for a file that is being received.</summary>
    public string NewPath()
    {
        Sweep();
        return Path.Combine(_directory, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
    }

    /// <summary>
    /// The file that a base64 string of an answer stands for: one that was decoded while it streamed past, or one so short that
    /// it stayed in the text. Null where the string is neither.
    /// </summary>
    public string? Receive(VendorAnswer answer, string? text)
    {
        if (answer.FileOf(text) is { } streamed)
        {
            return streamed;
        }

        var bytes = new byte[text?.Length ?? 0];
        if (!Convert.TryFromBase64String(text ?? "", bytes, out var length) || length == 0)
        {
            return null;
        }

        var path = NewPath();
        File.WriteAllBytes(path, bytes.AsSpan(0, length));
        return path;
    }

    /// <summary>Keeps the received files as the result of this attempt and hands them out.</summary>
    public IReadOnlyList<ProviderOutput> Keep(string attemptId, IReadOnlyList<string> files)
    {
        Put(attemptId, files);
        return Find(attemptId)!;
    }

    /// <summary>Keeps files as the result of this attempt.</summary>
    public void Put(string attemptId, IReadOnlyList<string> files)
    {
        var names = new List<string>();
        foreach (var file in files)
        {
            var name = $"{attemptId}-{names.Count}";
            File.Move(file, Path.Combine(_directory, name), overwrite: true);
            names.Add(name);
        }

        // The list comes last and at once: without it there is no result.
        var list = NewPath();
        File.WriteAllText(list, JsonSerializer.Serialize(names));
        File.Move(list, ListOf(attemptId), overwrite: true);
    }

    /// <summary>The kept files themselves; null where there are none.</summary>
    public IReadOnlyList<string>? FilesOf(string attemptId) => !File.Exists(ListOf(attemptId))
        ? null
        : [.. JsonSerializer.Deserialize<List<string>>(File.ReadAllText(ListOf(attemptId)))!.Select(name => Path.Combine(_directory, name))];

    /// <summary>Copies of the kept files, so that they can be handed out again after a crash; null where there are none.</summary>
    public IReadOnlyList<ProviderOutput>? Find(string attemptId)
    {
        if (FilesOf(attemptId) is not { } kept)
        {
            return null;
        }

        var outputs = new List<ProviderOutput>();
        foreach (var file in kept)
        {
            var copy = NewPath();
            File.Copy(file, copy);
            outputs.Add(new ProviderOutput(null, copy));
        }

        return outputs;
    }

    private string ListOf(string attemptId) => Path.Combine(_directory, $"{attemptId}.list");

    private void Sweep()
    {
        var now = _time.GetUtcNow();
        var due = Interlocked.Read(ref _nextSweep);
        if (now.UtcTicks < due || Interlocked.CompareExchange(ref _nextSweep, (now + SweepEvery).UtcTicks, due) != due)
        {
            return;
        }

        foreach (var file in new DirectoryInfo(_directory).EnumerateFiles())
        {
            // Against the clock that stamps files, whatever clock the server is given.
            if (TimeProvider.System.GetUtcNow() - file.LastWriteTimeUtc > Kept)
            {
                file.Delete();
            }
        }
    }
}
