namespace Zoetrope.Server.Artifacts.S3;

/// <summary>
/// Local copies of objects, for programs and vendors that read files. What was unused for longest goes when there are too many
/// bytes, but no path that was handed out a moment ago. Copies of an earlier run count.
/// </summary>
internal sealed class FileCache
{
    /// <summary>Longer than anyone takes between being handed a path and opening it.</summary>
    private static readonly TimeSpan InUse = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, DateTime> _handedOut = new(StringComparer.Ordinal);
    private readonly string _root;
    private readonly long _most;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long? _bytes;

    public FileCache(ArtifactOptions options, TimeProvider time)
    {
        _root = Directory.CreateDirectory(Path.Combine(Path.GetFullPath(options.DataDirectory), "cache")).FullName;
        (_most, _time) = (options.S3.CacheMegabytes * 1024L * 1024, time);
    }

    /// <summary>The path of a copy, which stays for a while; null where there is none.</summary>
    public string? HandOut(string name)
    {
        lock (_lock)
        {
            var path = Touch(name);
            if (path is not null)
            {
                _handedOut[path] = Now();
            }

            return path;
        }
    }

    /// <summary>A copy to be opened at once; null where there is none.</summary>
    public string? Touch(string name)
    {
        var path = PathOf(name);
        try
        {
            File.SetLastWriteTimeUtc(path, Now());
            return path;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Takes over a file as the copy of an object; returns its path if it is to be handed out.</summary>
    public string Take(string name, string path, bool handOut = false)
    {
        var target = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.SetLastWriteTimeUtc(path, Now());
        lock (_lock)
        {
            var bytes = new FileInfo(path).Length;
            var before = new FileInfo(target);
            _bytes ??= Files().Sum(file => file.Length);
            _bytes += bytes - (before.Exists ? before.Length : 0);
            File.Move(path, target, overwrite: true);
            if (handOut)
            {
                _handedOut[target] = Now();
            }

            if (_bytes > _most)
            {
                Shrink();
            }
        }

        return target;
    }

    public void Delete(string name)
    {
        lock (_lock)
        {
            var file = new FileInfo(PathOf(name));
            if (file.Exists)
            {
                _bytes -= file.Length;
                file.Delete();
            }
        }
    }

    // A tenth more than must go, so that not every new copy walks the directory.
    private void Shrink()
    {
        foreach (var (path, _) in _handedOut.Where(pair => pair.Value <= Now() - InUse).ToList())
        {
            _handedOut.Remove(path);
        }

        var files = Files();
        _bytes = files.Sum(file => file.Length);
        foreach (var file in files.Where(file => !_handedOut.ContainsKey(file.FullName)).OrderBy(file => file.LastWriteTimeUtc))
        {
            if (_bytes <= _most - (_most / 10))
            {
                return;
            }

            _bytes -= file.Length;
            file.Delete();
        }
    }

    private List<FileInfo> Files() => [.. new DirectoryInfo(_root).EnumerateFiles("*", SearchOption.AllDirectories)];

    private DateTime Now() => _time.GetUtcNow().UtcDateTime;

    private string PathOf(string name) => Path.Combine(_root, name[..2], name);
}
