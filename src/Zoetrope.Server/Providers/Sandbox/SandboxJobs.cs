using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>The vendor's record of one job.</summary>
internal sealed record SandboxJob
{
    public required string AttemptId { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    public SandboxJobState State { get; init; }

    /// <summary>Why it failed; the input's fault when <see cref="InputFault"/>.</summary>
    public string? Error { get; init; }

    public bool InputFault { get; init; }

    /// <summary>File name of the result beside the record.</summary>
    public string? Result { get; init; }

    public DateTimeOffset? ReadAt { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<SandboxJobState>))]
internal enum SandboxJobState
{
    Accepted,
    Done,
    Failed,
    Canceled,
}

/// <summary>
/// The vendor's memory: one file per job, replaced atomically and on disk before anyone hears of it,
/// so that a crash at any moment leaves either no job or a whole one.
/// </summary>
internal sealed class SandboxJobs
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(5);
    private readonly Lock _lock = new();
    private readonly string _directory;
    private readonly string _root;
    private readonly TimeProvider _time;
    private readonly SandboxOptions _options;
    private DateTimeOffset _swept;

    public SandboxJobs(string dataDirectory, TimeProvider time, SandboxOptions options)
    {
        (_root, _time, _options) = (Path.Combine(Path.GetFullPath(dataDirectory), "sandbox"), time, options);
        _directory = Directory.CreateDirectory(Path.Combine(_root, "jobs")).FullName;
        Directory.CreateDirectory(Path.Combine(_root, "memory"));
        _swept = time.GetUtcNow();
    }

    public SandboxJob? Find(string attemptId)
    {
        lock (_lock)
        {
            return Read(File(attemptId, "json"));
        }
    }

    /// <summary>Records the job unless it is known; only a new one is a line in <c>accepted.log</c>.</summary>
    public SandboxJob Accept(string attemptId)
    {
        lock (_lock)
        {
            if (Read(File(attemptId, "json")) is { } known)
            {
                return known;
            }

            var job = new SandboxJob { AttemptId = attemptId, AcceptedAt = _time.GetUtcNow() };
            Write(job);
            using (var log = new FileStream(Path.Combine(_root, "accepted.log"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
            {
                log.Write(Encoding.UTF8.GetBytes($"{attemptId}\n"));
                log.Flush(flushToDisk: true);
            }

            Sweep();
            return job;
        }
    }

    /// <summary>Changes a job as it is on disk now; does nothing when it is gone.</summary>
    public SandboxJob? Update(string attemptId, Func<SandboxJob, SandboxJob> change)
    {
        lock (_lock)
        {
            if (Read(File(attemptId, "json")) is not { } job)
            {
                return null;
            }

            var changed = change(job);
            if (changed != job)
            {
                Write(changed);
            }

            return changed;
        }
    }

    /// <summary>Takes up a job that this node never accepted or has lost; no line in the log, for nothing was submitted.</summary>
    public SandboxJob Recreate(string attemptId)
    {
        lock (_lock)
        {
            var job = Read(File(attemptId, "json")) ?? new SandboxJob { AttemptId = attemptId, AcceptedAt = _time.GetUtcNow() };
            Write(job);
            return job;
        }
    }

    public string ResultPath(string attemptId, string format) => File(attemptId, format switch { "jpeg" => "jpg", var other => other });

    /// <summary>How often this was asked before, durably; for markers that behave differently the second time.</summary>
    public int Count(string what, string model, string prompt)
    {
        lock (_lock)
        {
            var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{what}\n{model}\n{prompt}")))[..32];
            using var file = new FileStream(Path.Combine(_root, "memory", name), FileMode.Append, FileAccess.Write);
            var before = (int)file.Length;
            file.WriteByte((byte)'x');
            file.Flush(flushToDisk: true);
            return before;
        }
    }

    // Attempt ids are ours, but a path is made of them.
    private string File(string attemptId, string extension) =>
        attemptId.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
        ? throw new ArgumentException("Not an attempt id.", nameof(attemptId))
        : Path.Combine(_directory, $"{attemptId}.{extension}");

    private static SandboxJob? Read(string path) =>
        System.IO.File.Exists(path) ? JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(path), SandboxJson.Default.SandboxJob) : null;

    private void Write(SandboxJob job)
    {
        var path = File(job.AttemptId, "json");
        using (var file = new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, job, SandboxJson.Default.SandboxJob);
            file.Flush(flushToDisk: true);
        }

        System.IO.File.Move(path + ".tmp", path, overwrite: true);
    }

    private void Sweep()
    {
        var now = _time.GetUtcNow();
        if (now - _swept < SweepEvery)
        {
            return;
        }

        _swept = now;
        foreach (var path in Directory.EnumerateFiles(_directory, "*.json").ToList())
        {
            if (Read(path) is { } job && (job.ReadAt is { } read ? now - read > _options.JobTtl
                : now - job.AcceptedAt > _options.UnreadTtl))
            {
                if (job.Result is { } result)
                {
                    System.IO.File.Delete(Path.Combine(_directory, result));
                }

                System.IO.File.Delete(path);
            }
        }
    }
}

[JsonSerializable(typeof(SandboxJob))]
internal sealed partial class SandboxJson : JsonSerializerContext;
