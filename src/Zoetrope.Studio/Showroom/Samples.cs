using System.Text.Json;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Parts;

namespace Zoetrope.Studio.Showroom;

/// <summary>What the parts are shown with.</summary>
internal static class Samples
{
    private const string Picture = "/studio/starters/1.webp";
    private const string Made = "2026-03-01T12:00:00.000Z";

    public static IReadOnlyList<string> Icons { get; } =
    [
        "make", "gallery", "activity", "key", "webhook", "usage", "ledger", "connect", "server", "people", "scale", "search", "panel", "theme", "film",
        "image-add", "sound", "wide", "tall", "square", "clock", "sliders", "copy", "again", "compare", "star", "star-full", "download", "delete", "share",
        "alert", "warning", "check", "close", "add", "play", "dice", "code", "shield", "out", "wallet", "bell", "folder", "edit", "audit", "book", "globe",
    ];

    public static IReadOnlyList<Bars.Bar> Days { get; } = [.. Enumerable.Range(1, 14).Select(day => new Bars.Bar($"{day}", $"{day}: {day * 3}", [day, day % 5, day % 3]))];

    public static IReadOnlyList<TaskStep> Steps { get; } =
    [
        new("made", Made, 0), new("held", Made, 0) { Credits = 52 }, new("sent", Made, 0.4) { Provider = "byteplus", Attempt = 1 },
        new("refused", Made, 2.5) { Provider = "byteplus", Attempt = 1 }, new("sent", Made, 0.1) { Provider = "fal", Attempt = 2 },
        new("unknown", Made, 60) { Provider = "fal", Attempt = 2 }, new("ready", Made, 31) { Provider = "fal", Attempt = 2 }, new("stored", Made, 1.2),
        new("settled", Made, 0) { Credits = 52 }, new("refunded", Made, 86_400) { Credits = 52, Words = "goodwill" },
    ];

    public static TaskState Waiting { get; } = Task("pending") with { QueuePosition = 3 };

    public static TaskState Running { get; } = Task("processing") with { Progress = 40, Timings = new TaskTimings(Made, null, null, 900, 1_000) };

    public static TaskState Image { get; } = Task("completed") with { Result = File("image"), Progress = 100, Star = true };

    public static TaskState Video { get; } = Task("completed") with { Result = File("video") with { Duration = 8 }, MediaType = "video", Progress = 100 };

    public static TaskState Gone { get; } = Task("completed") with { ResultDeletedAt = Made };

    public static TaskState Refused { get; } = Task("failed") with { Error = new TaskError("CONTENT_REFUSED", "content_refused", "The prompt was refused.", false) };

    public static TaskState Stopped { get; } = Task("cancelled") with { Error = new TaskError("CANCELLED", "cancelled", "It was cancelled.", false) };

    private static TaskState Task(string status) => new()
    {
        Id = "task_00000000000000000000000001",
        Model = "seedance-2-0-text-to-video",
        Status = status,
        MediaType = "image",
        Prompt = "A red fox runs through snow at sunset, the camera follows low beside it",
        CreatedAt = Made,
        Result = null,
        Error = null,
        Progress = 0,
        Mode = "test",
        Provider = "sandbox",
        CreditsUsed = 52,
        ResolvedParams = JsonDocument.Parse("""{"aspect_ratio":"16:9","resolution":"720p","duration":8,"seed":7}""").RootElement,
        Timings = new TaskTimings(null, null, null, 900, null),
    };

    /// <summary>One quiet hour, and then good, worse and bad ones.</summary>
    public static IReadOnlyList<Heat.Cell> Hours { get; } =
        [.. new (long Good, long Bad)[] { (0, 0), (40, 0), (38, 2), (3, 30) }.Select((cell, at) => new Heat.Cell($"{at}:00", $"{at}:00", cell.Good, cell.Bad))];

    private static TaskFile File(string type) => new()
    {
        Url = Picture,
        PosterUrl = Picture,
        Type = type,
        ContentType = type == "video" ? "video/mp4" : "image/webp",
        Width = 480,
        Height = 270,
        Bytes = 48_213,
        Sha256 = "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
        ExpiresAt = Made,
        Provenance = "iptc",
    };
}
