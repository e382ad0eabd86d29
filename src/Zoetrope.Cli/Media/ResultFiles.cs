using System.Text.Json.Nodes;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Media;

/// <summary>A result on this machine.</summary>
internal sealed record SavedFile(string Path, TaskFile File);

/// <summary>Where results go: a file, a directory, stdout, or the working directory under a name made of the prompt and the task.</summary>
internal sealed class ResultFiles(Invocation invocation, string? target)
{
    public const string Stdout = "-";

    private const int SlugLength = 40;
    private const int IdLength = 8;

    /// <summary>Refuses a target that cannot work, before anything is paid for.</summary>
    public void Check()
    {
        if (target == Stdout)
        {
            if (!Console.IsOutputRedirected)
            {
                throw CliException.Usage(
                    "-o - cannot write a picture to a terminal. Redirect stdout to a file or a pipe.", "-o name.png writes a file");
            }

            if (invocation.Terminal.Json)
            {
                throw CliException.Usage("--json and -o - both want stdout. Use only one of them.");
            }
        }
        else if (target is not null
            && !IsDirectory(target)
            && Path.GetDirectoryName(Path.GetFullPath(target)) is { } parent
            && !Directory.Exists(parent))
        {
            throw CliException.File($"The directory {parent} does not exist. Create it first.");
        }
    }

    public async Task<IReadOnlyList<SavedFile>> SaveAsync(TaskState task)
    {
        var files = task.Results ?? (task.Result is null ? [] : [task.Result]);
        if (files.Count == 0)
        {
            throw new CliException("NO_RESULT", $"{task.Id} has no file any more: its retention is over.", ExitCode.Refused);
        }

        if (target == Stdout)
        {
            await using var stdout = Console.OpenStandardOutput();
            await invocation.Client.DownloadAsync(files[0], stdout, invocation.CancellationToken);
            if (files.Count > 1)
            {
                invocation.Terminal.Note(
                    $"{task.Id} has {files.Count} files; stdout got the first. Run zoetrope tasks download {task.Id} to get all.");
            }

            return [];
        }

        if (target is not null && Path.GetExtension(target) is { Length: > 1 } ending && !Names(ending, files[0].ContentType))
        {
            invocation.Terminal.Note($"{target} contains {files[0].ContentType}, despite its name.");
        }

        var saved = new List<SavedFile>(files.Count);
        for (var i = 0; i < files.Count; i++)
        {
            var path = PathOf(task, files[i], files.Count == 1 ? null : i + 1);
            await invocation.Client.DownloadAsync(files[i], path, invocation.CancellationToken);
            saved.Add(new SavedFile(path, files[i]));
        }

        return saved;
    }

    public static JsonArray Json(IReadOnlyList<SavedFile> files) =>
        [.. files.Select(saved => new JsonObject
        {
            ["path"] = Path.GetFullPath(saved.Path),
            ["bytes"] = saved.File.Bytes,
            ["contentType"] = saved.File.ContentType,
        })];

    private static bool Names(string ending, string contentType) =>
        string.Equals(ending[1..], FileType.Extension(contentType), StringComparison.OrdinalIgnoreCase)
            || (contentType == "image/jpeg" && string.Equals(ending, ".jpeg", StringComparison.OrdinalIgnoreCase));

    private static bool IsDirectory(string path) => Path.EndsInDirectorySeparator(path) || Directory.Exists(path);

    private string PathOf(TaskState task, TaskFile file, int? number)
    {
        if (target is not null && !IsDirectory(target))
        {
            return number is null
                ? target
                : Path.Combine(
                    Path.GetDirectoryName(target) ?? "", $"{Path.GetFileNameWithoutExtension(target)}-{number}{Path.GetExtension(target)}");
        }

        // The prompt for people, the end of the id so that the same prompt twice is two files.
        var slug = Words.Slug(task.Prompt, SlugLength);
        var id = task.Id.Length > IdLength ? task.Id[^IdLength..] : task.Id;
        var place = number is null ? "" : $"-{number}";
        var name = $"{(slug.Length > 0 ? slug : task.Model)}-{id}{place}.{FileType.Extension(file.ContentType)}";
        if (target is null)
        {
            return name;
        }

        Directory.CreateDirectory(target);
        return Path.Combine(target, name);
    }
}
