using System.Text.Json;
using Zoetrope.Server.Artifacts;
using Zoetrope.Workers;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>
/// The files of jobs. Where nodes share a place of files, a result goes there and every node can fetch it; otherwise it waits on
/// the disk of the node that drew it.
/// </summary>
/// <param name="stored">The store.</param>
/// <param name="dataDirectory">Of this node.</param>
/// <param name="jobs">Whether there are other nodes.</param>
internal sealed class SandboxFiles(StoredFiles stored, string dataDirectory, SandboxJobs jobs)
{
    private readonly string _root = Path.Combine(Path.GetFullPath(dataDirectory), "sandbox");

    /// <summary>Where a job may be drawn: anywhere, unless only this node's disk will have its file.</summary>
    public string Node => jobs.IsAlone || AreShared ? "" : jobs.Self;

    private bool AreShared => !jobs.IsAlone && stored.Places[0].Place != PlaceWords.Disk;

    private string Work => Path.Combine(_root, "work");

    private string Results => Path.Combine(_root, "results");

    /// <summary>Whether an earlier version accepted the job; it kept a file for each.</summary>
    public bool IsOldJob(string attemptId) => IsName(attemptId) && File.Exists(Path.Combine(_root, "jobs", attemptId + ".json"));

    /// <summary>A directory for one rendering, which deletes it.</summary>
    public string NewWork() => Directory.CreateDirectory(Path.Combine(Work, Path.GetRandomFileName())).FullName;

    /// <summary>Half renders of an earlier run are of no use.</summary>
    public void ClearWork()
    {
        if (Directory.Exists(Work))
        {
            Directory.Delete(Work, recursive: true);
        }
    }

    /// <summary>The request in the renderer's words, with inputs that any node finds by their names.</summary>
    public async Task<string> DescribeAsync(ProviderRequest request, CancellationToken cancellationToken)
    {
        var inputs = new List<RenderInput>();
        foreach (var input in request.Inputs)
        {
            inputs.Add(new RenderInput(await NameOfAsync(input.Path, cancellationToken), input.ContentType));
        }

        return JsonSerializer.Serialize(RenderRequest.ToJob(request, inputs), RenderJson.Default.RenderJob);
    }

    /// <summary>The job with the paths of this node; null if an input is not stored any more.</summary>
    public async Task<RenderJob?> LocateAsync(string description, string directory, CancellationToken cancellationToken)
    {
        var job = JsonSerializer.Deserialize(description, RenderJson.Default.RenderJob)!;
        var inputs = new List<RenderInput>();
        foreach (var input in job.Inputs)
        {
            if (!ArtifactKey.TryParse(input.Path, out var key) || await stored.LocalPathAsync(key, cancellationToken) is not { } path)
            {
                return null;
            }

            inputs.Add(input with { Path = path });
        }

        return job with { Inputs = inputs, Path = Path.Combine(directory, "result." + ExtensionOf(job)) };
    }

    public static string ExtensionOf(RenderJob job) => job.Output.Format == "jpeg" ? "jpg" : job.Output.Format;

    /// <summary>Keeps a result until it is fetched; returns its name in the store where nodes share files.</summary>
    /// <exception cref="IOException">It cannot be kept now.</exception>
    public async Task<string?> KeepAsync(string attemptId, string path, string extension, CancellationToken cancellationToken)
    {
        if (!AreShared)
        {
            File.Move(path, ResultPath(attemptId, extension), overwrite: true);
            return null;
        }

        var key = new ArtifactKey(await TemporaryFiles.HashAsync(path, cancellationToken), extension);
        await stored.PutAsync(key, path, cancellationToken);
        return key.Sha256;
    }

    /// <summary>The result as a file that the caller may move away; null where it is not to be had.</summary>
    public async Task<string?> BringAsync(SandboxJob job, CancellationToken cancellationToken)
    {
        var path = ResultPath(job.AttemptId, job.Ext!);
        if (job.Sha256 is not null && !File.Exists(path)
            && await stored.LocalPathAsync(new ArtifactKey(job.Sha256, job.Ext!), cancellationToken) is { } local)
        {
            // Whole or not there: two polls may bring it at once.
            var copy = Path.Combine(Results, Path.GetRandomFileName());
            File.Copy(local, copy);
            File.Move(copy, path, overwrite: true);
        }

        return File.Exists(path) ? path : null;
    }

    public void Forget(string attemptId, string extension) => File.Delete(ResultPath(attemptId, extension));

    /// <summary>Deletes results that nobody fetched, and what an earlier version kept.</summary>
    public void DeleteOlderThan(DateTimeOffset moment)
    {
        foreach (var directory in new[] { Results, Path.Combine(_root, "jobs"), Path.Combine(_root, "memory") }.Where(Directory.Exists))
        {
            foreach (var file in new DirectoryInfo(directory).EnumerateFiles().Where(file => file.LastWriteTimeUtc < moment.UtcDateTime))
            {
                file.Delete();
            }
        }

        File.Delete(Path.Combine(Directory.CreateDirectory(_root).FullName, "accepted.log"));
    }

    private async Task<string> NameOfAsync(string path, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(path);
        if (ArtifactKey.TryParse(name, out _))
        {
            return name;
        }

        // Converted for this vendor: a file of this node alone. Nobody names the copy, so it goes after a day.
        var copy = Path.Combine(Directory.CreateDirectory(Results).FullName, Path.GetRandomFileName());
        File.Copy(path, copy);
        var extension = Path.GetExtension(name) is { Length: > 1 and <= 6 } given ? given[1..].ToLowerInvariant() : "bin";
        var key = new ArtifactKey(await TemporaryFiles.HashAsync(copy, cancellationToken), extension);
        await stored.PutAsync(key, copy, cancellationToken);
        return key.ToString();
    }

    private string ResultPath(string attemptId, string extension) => IsName(attemptId)
        ? Path.Combine(Directory.CreateDirectory(Results).FullName, $"{attemptId}.{extension}")
        : throw new ArgumentException("Not an attempt id.", nameof(attemptId));

    // Attempt ids are ours, but a path is made of them.
    private static bool IsName(string attemptId) =>
        !attemptId.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
}
