using System.Globalization;
using System.Text;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.State;

namespace Zoetrope.Studio.Gallery;

/// <summary>Results as one archive: which files, and by which names. A script packs them, so that no video goes through .NET.</summary>
internal sealed class Archive
{
    /// <summary>What a browser packs in its memory, and an archive without 64-bit sizes holds.</summary>
    public const long MostBytes = 2_000_000_000;

    private const int MostWords = 40;

    private Archive(string name, IReadOnlyList<ArchiveFile> files) => (Name, Files) = (name, files);

    public string Name { get; }

    public IReadOnlyList<ArchiveFile> Files { get; }

    public static Archive Of(IEnumerable<TaskState> tasks, DateTimeOffset now)
    {
        var files = new List<ArchiveFile>();
        foreach (var task in tasks)
        {
            var results = task.Results ?? (task.Result is { } only ? [only] : []);
            files.AddRange(results.Select((file, number) => new ArchiveFile(Media.Here(file.Url), NameOf(task, file, number, results.Count), file.Bytes)));
        }

        return new Archive($"zoetrope-{now:yyyy-MM-dd-HHmm}.zip", files);
    }

    public long Bytes => Files.Sum(file => file.Bytes);

    // The day, the first words and the end of the id: readable, sorted by time, and never twice the same.
    private static string NameOf(TaskState task, TaskFile file, int number, int count)
    {
        var name = new StringBuilder(task.CreatedAt[..10]).Append('-');
        foreach (var letter in task.Prompt.Normalize(NormalizationForm.FormC).ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(letter))
            {
                name.Append(letter);
            }
            else if (name[^1] != '-')
            {
                name.Append('-');
            }

            if (name.Length > 10 + MostWords)
            {
                break;
            }
        }

        name.Append(name[^1] == '-' ? "" : "-").Append(task.Id[^8..]);
        if (count > 1)
        {
            name.Append(CultureInfo.InvariantCulture, $"-{number + 1}");
        }

        return name.Append('.').Append(Extension(file.ContentType)).ToString();
    }

    private static string Extension(string type) => type switch
    {
        "image/jpeg" => "jpg",
        "video/quicktime" => "mov",
        _ => type[(type.IndexOf('/', StringComparison.Ordinal) + 1)..].Split('+', ';')[0],
    };
}

/// <summary>One file of an archive.</summary>
/// <param name="Url">Where the page reads it.</param>
/// <param name="Name">What it is called inside.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record ArchiveFile(string Url, string Name, long Bytes);
