using System.Text.Json;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// Tasks in VicSee's words, which more than one door sends; the shape is documented by the records of
/// <c>Zoetrope.Contracts.VicSee</c>.
/// </summary>
internal sealed class TaskWriter(SignedUrls urls, TimeProvider time)
{
    /// <summary>The task in an envelope.</summary>
    public byte[] Envelope(TaskView task) =>
        JsonAnswer.Envelope((this, task), static (writer, state) => state.Item1.Write(writer, state.task));

    /// <summary>The task alone: the data of an event, a webhook or a tool's answer.</summary>
    public byte[] Bare(TaskView task) => JsonAnswer.Bare((this, task), static (writer, state) => state.Item1.Write(writer, state.task));

    /// <summary>A page of tasks, without the envelope.</summary>
    public void WritePage(Utf8JsonWriter writer, IEnumerable<TaskView> page, string? next)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("tasks"u8);
        foreach (var task in page)
        {
            Write(writer, task);
        }

        writer.WriteEndArray();
        writer.WriteString("nextCursor"u8, next);
        writer.WriteEndObject();
    }

    /// <summary>The artifact of a result, as far as signing a URL needs it.</summary>
    public static Artifact Artifact(Generation generation, GenerationResult result) => new()
    {
        Id = result.ArtifactId,
        AccountId = generation.AccountId,
        Mode = generation.Mode,
        Role = ArtifactRole.Output,
        Probe = result.Probe,
        CreatedAt = generation.FinishedAt ?? generation.CreatedAt,
    };

    private void Write(Utf8JsonWriter writer, TaskView task)
    {
        var generation = task.Generation;
        writer.WriteStartObject();
        writer.WriteString("id"u8, generation.Id);
        writer.WriteString("model"u8, generation.Model);
        writer.WriteString("status"u8, StatusWords.Of(generation.Status));
        writer.WriteString("mediaType"u8, generation.Media.Word());
        writer.WriteString("prompt"u8, generation.Prompt);
        writer.WriteTime("createdAt"u8, generation.CreatedAt);
        WriteResult(writer, generation);
        WriteError(writer, task);
        WriteProgress(writer, task.Progress);
        if ((generation.Status is GenerationStatus.Queued ? task.Position : generation.QueuePosition) is { } place)
        {
            writer.WriteNumber("queuePosition"u8, place);
        }

        writer.WriteString("mode"u8, generation.Mode.Word());
        writer.WriteString("provider"u8, generation.Provider);
        WriteRoute(writer, generation);
        writer.WriteNumber("creditsUsed"u8, generation.Charged ?? generation.Quoted);
        writer.WritePropertyName("resolvedParams"u8);
        writer.WriteRawValue(generation.Parameters, skipInputValidation: true);
        WriteTimings(writer, generation);
        if (generation.Cancel is not CancelState.None && !generation.IsTerminal)
        {
            writer.WriteString("cancel"u8, generation.Cancel is CancelState.Requested ? "requested"u8 : "declined"u8);
        }

        writer.WriteOptional("batchId"u8, generation.BatchId);
        if ((generation.OwnTags ?? generation.Tags) is { Length: > 2 } tags)
        {
            writer.WritePropertyName("tags"u8);
            writer.WriteRawValue(tags, skipInputValidation: true);
        }

        if (generation.IsStarred)
        {
            writer.WriteBoolean("star"u8, true);
        }

        writer.WriteOptional("collection"u8, generation.Collection);
        if (generation.ResultDeletedAt is { } deleted)
        {
            writer.WriteTime("resultDeletedAt"u8, deleted);
        }

        if (generation.Share is { } share && !(share.Until <= time.GetUtcNow()))
        {
            writer.WriteStartObject("share"u8);
            writer.WriteString("url"u8, urls.Own(Shares.Path + share.Id).AbsoluteUri);
            writer.WriteBoolean("words"u8, share.Words);
            writer.WriteTime("expiresAt"u8, share.Until);
            writer.WriteEndObject();
        }

        writer.WriteOptional("user"u8, generation.EndUser);
        WriteTimeline(writer, task.Timeline);
        writer.WriteEndObject();
    }

    private static void WriteTimeline(Utf8JsonWriter writer, IReadOnlyList<TimelineStep>? timeline)
    {
        if (timeline is null)
        {
            return;
        }

        writer.WriteStartArray("timeline"u8);
        foreach (var step in timeline)
        {
            writer.WriteStartObject();
            writer.WriteString("step"u8, step.Step);
            writer.WriteTime("at"u8, DateTimeOffset.FromUnixTimeMilliseconds(step.At));
            writer.WriteNumber("seconds"u8, step.Seconds);
            writer.WriteOptional("provider"u8, step.Provider);
            WriteNumber(writer, "attempt"u8, step.Attempt);
            WriteNumber(writer, "credits"u8, step.Credits);
            writer.WriteOptional("words"u8, step.Words);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteProgress(Utf8JsonWriter writer, TaskProgress progress)
    {
        writer.WriteNumber("progress"u8, progress.Percent);
        if (progress.Estimated)
        {
            writer.WriteBoolean("progressEstimated"u8, true);
        }

        if (progress.EtaSeconds is { } seconds)
        {
            writer.WriteNumber("etaSeconds"u8, seconds);
        }
    }

    private void WriteResult(Utf8JsonWriter writer, Generation generation)
    {
        if (generation.Result is null || generation.ResultDeletedAt is not null)
        {
            writer.WriteNull("result"u8);
            return;
        }

        var results = GenerationJson.Results(generation);
        writer.WritePropertyName("result"u8);
        WriteFile(writer, generation, results[0]);
        if (results.Count == 1)
        {
            return;
        }

        writer.WriteStartArray("results"u8);
        foreach (var result in results)
        {
            WriteFile(writer, generation, result);
        }

        writer.WriteEndArray();
    }

    private void WriteFile(Utf8JsonWriter writer, Generation generation, GenerationResult result)
    {
        var probe = result.Probe;
        writer.WriteStartObject();
        writer.WriteString("url"u8, urls.ForResult(Artifact(generation, result)).AbsoluteUri);
        writer.WriteString("type"u8, generation.Media.Word());
        writer.WriteString("contentType"u8, probe.ContentType);
        WriteNumber(writer, "width"u8, probe.Width);
        WriteNumber(writer, "height"u8, probe.Height);
        if (generation.Media is MediaType.Video)
        {
            WriteNumber(writer, "duration"u8, probe.DurationSeconds);
            WriteNumber(writer, "fps"u8, probe.FramesPerSecond);
        }

        writer.WriteOptional("codec"u8, probe.Codec);
        writer.WriteOptional("audioCodec"u8, probe.AudioCodec);
        writer.WriteNumber("bytes"u8, probe.Bytes);
        writer.WriteString("sha256"u8, probe.Sha256);
        if (result.PosterId is { } posterId)
        {
            var poster = Artifact(generation, result) with
            {
                Id = posterId,
                Role = ArtifactRole.Poster,
                Probe = probe with { ContentType = result.PosterExtension == "webp" ? "image/webp" : "image/jpeg" },
            };
            writer.WriteString("posterUrl"u8, urls.ForResult(poster).AbsoluteUri);
        }

        writer.WriteTime("expiresAt"u8, urls.ResultExpiry);
        writer.WriteString("provenance"u8, result.C2pa ? "c2pa"u8 : result.Labelled ? "iptc"u8 : "none"u8);
        writer.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter writer, TaskView task)
    {
        if (task.Failure is not { } problem)
        {
            writer.WriteNull("error"u8);
            return;
        }

        writer.WriteStartObject("error"u8);
        writer.WriteString("code"u8, problem.Kind.Code);
        writer.WriteString("key"u8, problem.Kind.Key);
        writer.WriteString("message"u8, problem.Message);
        writer.WriteBoolean("retryable"u8, problem.Kind.Retryable);
        if (GenerationJson.Failure(task.Generation) is { } failure)
        {
            writer.WriteStartObject("provider"u8);
            writer.WriteString("kind"u8, failure.Kind);
            writer.WriteString("code"u8, failure.Code);
            writer.WriteString("message"u8, failure.Message);
            writer.WriteBoolean("retryable"u8, failure.Retryable);
            if (failure.Charged is { } charged)
            {
                writer.WriteBoolean("charged"u8, charged);
            }
            else
            {
                writer.WriteNull("charged"u8);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteRoute(Utf8JsonWriter writer, Generation generation)
    {
        if (GenerationJson.Call(generation) is not { } call)
        {
            return;
        }

        writer.WriteStartObject("route"u8);
        writer.WriteString("provider"u8, generation.Provider);
        writer.WriteString("model"u8, call.Model);
        writer.WriteNumber("attempt"u8, generation.Attempts);
        writer.WriteString("requestId"u8, call.RequestId);
        writer.WritePropertyName("sent"u8);
        call.Sent.WriteTo(writer);
        writer.WriteEndObject();
    }

    private void WriteTimings(Utf8JsonWriter writer, Generation generation)
    {
        var now = time.GetUtcNow();
        var started = generation.StartedAt ?? generation.FinishedAt ?? now;
        writer.WriteStartObject("timings"u8);
        writer.WriteTime("startedAt"u8, generation.StartedAt);
        writer.WriteTime("finishedAt"u8, generation.FinishedAt);
        writer.WriteTime("deadlineAt"u8, generation.DeadlineAt);
        writer.WriteNumber("queuedMs"u8, Milliseconds(started - generation.CreatedAt));
        if (generation.StartedAt is { } start)
        {
            writer.WriteNumber("runMs"u8, Milliseconds((generation.FinishedAt ?? now) - start));
        }
        else
        {
            writer.WriteNull("runMs"u8);
        }

        writer.WriteEndObject();
    }

    private static long Milliseconds(TimeSpan span) => Math.Max(0, (long)span.TotalMilliseconds);

    private static void WriteNumber(Utf8JsonWriter writer, ReadOnlySpan<byte> name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }
}
