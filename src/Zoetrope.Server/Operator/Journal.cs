using System.Buffers;
using System.Text.Json;

namespace Zoetrope.Server.Operator;

/// <summary>
/// The lines of the log that belong to a request or a task, kept for a while in files beside the database, one JSON object a
/// line. Whoever has a request's id finds here what happened to it.
/// </summary>
internal sealed class Journal(string dataDirectory)
{
    /// <summary>Files that the kept bytes are spread over; the oldest goes when a new one is begun.</summary>
    public const int Files = 8;

    public const string Pattern = "*.jsonl";

    private const int MostLines = 1_000;

    /// <summary>Where the files are; their names are numbers that grow.</summary>
    public string Directory { get; } = Path.Combine(dataDirectory, "logs");

    /// <summary>The files, oldest first.</summary>
    public IReadOnlyList<string> Existing() => System.IO.Directory.Exists(Directory)
        ? [.. System.IO.Directory.EnumerateFiles(Directory, Pattern).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The lines that name one of these requests, traces or tasks, oldest first; of very many the newest.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var wanted = ids.ToHashSet(StringComparer.Ordinal);
        if (wanted.Count == 0)
        {
            return [];
        }

        var any = SearchValues.Create([.. wanted], StringComparison.Ordinal);
        var found = new Queue<string>();
        foreach (var file in Existing())
        {
            await foreach (var line in LinesAsync(file, cancellationToken))
            {
                if (line.AsSpan().ContainsAny(any) && IsAbout(line, wanted))
                {
                    found.Enqueue(line);
                    if (found.Count > MostLines)
                    {
                        found.Dequeue();
                    }
                }
            }
        }

        return [.. found];
    }

    // A file may go while it is read, and its last line may not be whole yet.
    private static async IAsyncEnumerable<string> LinesAsync(
        string file, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(
                file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
        }
        catch (FileNotFoundException)
        {
            yield break;
        }

        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return line;
        }
    }

    private static bool IsAbout(string line, HashSet<string> wanted)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return Names("requestId") || Names("taskId") || Names("traceId")
                || (json.RootElement.TryGetProperty("values", out var values)
                    && values.EnumerateObject().Any(value =>
                        value.Value.ValueKind is JsonValueKind.String && wanted.Contains(value.Value.GetString()!)));

            bool Names(string name) => json.RootElement.TryGetProperty(name, out var value) && wanted.Contains(value.GetString()!);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
