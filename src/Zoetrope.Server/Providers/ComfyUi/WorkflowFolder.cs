namespace Zoetrope.Server.Providers.ComfyUi;

/// <summary>
/// The operator's workflow files. A file is read whenever it is used, so that an edit counts at once; <see cref="CheckAll"/>
/// reports at the start what would fail later.
/// </summary>
internal sealed class WorkflowFolder(string directory)
{
    private const long MaxBytes = 2 * 1024 * 1024;
    private readonly string _directory = Path.GetFullPath(directory);

    /// <exception cref="InvalidOperationException">A file is no workflow; the message has every fault of every file.</exception>
    public void CheckAll()
    {
        if (!Directory.Exists(_directory))
        {
            return;
        }

        var faults = Directory.EnumerateFiles(_directory, "*.json").Order(StringComparer.Ordinal)
            .SelectMany(path => Read(Path.GetFileName(path), out _))
            .ToList();
        if (faults.Count > 0)
        {
            throw new InvalidOperationException($"ComfyUI workflows in {_directory}: {string.Join("; ", faults)}");
        }
    }

    /// <summary>The file's faults, none where <paramref name="workflow"/> can be used.</summary>
    public IReadOnlyList<string> Read(string name, out Workflow? workflow)
    {
        workflow = null;
        if (name.Length == 0 || name != Path.GetFileName(name))
        {
            return [$"'{name}' is not a file name"];
        }

        var file = new FileInfo(Path.Combine(_directory, name));
        if (!file.Exists)
        {
            return [$"{name}: the file does not exist"];
        }

        return file.Length > MaxBytes
            ? [$"{name}: larger than {MaxBytes} bytes"]
            : Workflow.Read(name, File.ReadAllBytes(file.FullName), out workflow);
    }
}
