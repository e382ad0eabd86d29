using Zoetrope.Server.Artifacts.Media;

namespace Zoetrope.Server.Artifacts.Provenance;

/// <summary>What became of a file's label.</summary>
/// <param name="Labelled">The file says by IPTC metadata how it was made.</param>
/// <param name="C2pa">The file carries signed content credentials, which any change would break; it was left untouched.</param>
internal readonly record struct ProvenanceResult(bool Labelled, bool C2pa);

/// <summary>
/// Writes into a finished file that it was made by a machine. Only metadata changes: pixels, samples and the order
/// that lets a video start before it is loaded stay as they were.
/// </summary>
internal static class ProvenanceLabel
{
    public static async Task<ProvenanceResult> ApplyAsync(
        string path, string contentType, bool isSandbox, CancellationToken cancellationToken)
    {
        var plan = Read(path, contentType, isSandbox);

        // A damaged file can declare parts beyond its end; it is not ours to fix.
        var length = new FileInfo(path).Length;
        if (plan.Splices.Any(splice => splice.At + splice.Remove > length))
        {
            return new ProvenanceResult(Labelled: false, plan.C2pa);
        }

        if (plan.Splices.Count > 0)
        {
            await Splicer.ApplyAsync(path, plan.Splices, cancellationToken);
        }

        return new ProvenanceResult(plan.Labelled, plan.C2pa);
    }

    private static LabelPlan Read(string path, string contentType, bool isSandbox)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 16 * 1024);
        var reader = new HeaderReader(file);
        return contentType switch
        {
            "image/png" => PngLabel.Plan(reader, isSandbox),
            "image/jpeg" => JpegLabel.Plan(reader, isSandbox),
            "image/webp" => WebPLabel.Plan(reader, isSandbox),
            "video/mp4" or "video/quicktime" => Mp4Label.Plan(reader, isSandbox),
            _ => LabelPlan.None,
        };
    }
}

/// <summary>The changes that label a file; none when it cannot or must not be changed.</summary>
internal sealed record LabelPlan(IReadOnlyList<Splice> Splices, bool Labelled, bool C2pa)
{
    public static LabelPlan None { get; } = new([], Labelled: false, C2pa: false);

    public static LabelPlan Untouched { get; } = new([], Labelled: false, C2pa: true);

    /// <summary>The file's own packet stays: it is labelled already or cannot be read.</summary>
    public static LabelPlan Kept(byte[] existing) => new([], Xmp.IsLabelled(existing), C2pa: false);

    public static LabelPlan Write(params IReadOnlyList<Splice> splices) => new(splices, Labelled: true, C2pa: false);
}
