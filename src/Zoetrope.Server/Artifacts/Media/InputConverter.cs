using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Zoetrope.Workers;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>The images that somebody reads.</summary>
/// <param name="Types">Content types.</param>
/// <param name="MaxBytes">Largest file.</param>
/// <param name="MaxSide">Longest side in pixels.</param>
internal sealed record ImageForm(ImmutableArray<string> Types, long MaxBytes, int MaxSide);

/// <summary>A local file in the wanted form.</summary>
/// <param name="Path">For reading only.</param>
/// <param name="ContentType">Its type by signature.</param>
/// <param name="Converted">Whether it is another file than the one given.</param>
internal sealed record FittedImage(string Path, string ContentType, bool Converted);

/// <summary>
/// Makes stored images into what a vendor reads, and only those that are not: PNG where the picture has transparency, else
/// JPEG; upright, in sRGB, without metadata, no larger than asked. The decoding is a media worker's; HEIC goes through libheif's
/// own tool first.
/// </summary>
internal sealed class InputConverter(
    MediaProber prober, PictureWorkers workers, HeicDecoder heic, ArtifactOptions options, TimeProvider time)
{
    private const long MaxPixels = 100_000_000;

    private readonly TemporaryFiles _temporary = new(options);

    /// <summary>
    /// The file itself where it fits, otherwise its conversion, made once and kept for a retry; a problem where it cannot be
    /// made.
    /// </summary>
    /// <param name="path">A stored image.</param>
    /// <param name="sha256">Its hash.</param>
    /// <param name="form">What is wanted.</param>
    /// <param name="account">Whose it is.</param>
    /// <param name="cancellationToken">Ends the wait for a worker, and soon after what it does.</param>
    public async Task<Outcome<FittedImage>> FitAsync(
        string path, string sha256, ImageForm form, string account, CancellationToken cancellationToken)
    {
        var probed = await prober.ProbeAsync(path, account, cancellationToken);
        if (probed.Failed(out var busy, out var header))
        {
            return busy;
        }

        if (header is null || !header.IsImage)
        {
            return Refuse("is not in a format that this server supports");
        }

        if (header.Fault is { } fault)
        {
            return Refuse($"({header.ContentType}) {fault}");
        }

        // Not every vendor turns a picture as its metadata says, so none is asked to.
        if (Reads(form, header.ContentType) && new FileInfo(path).Length <= form.MaxBytes
            && Math.Max(header.Width ?? 0, header.Height ?? 0) <= form.MaxSide && !(header.IsTurned && CanWrite(form)))
        {
            return new FittedImage(path, header.ContentType, Converted: false);
        }

        if (header.Width is not { } width || header.Height is not { } height)
        {
            return Refuse($"({header.ContentType}) has no readable size");
        }

        if ((long)width * height > MaxPixels)
        {
            return Refuse($"has {width}×{height} pixels, too many to convert");
        }

        if (!CanWrite(form))
        {
            return Refuse($"is {header.ContentType}, and the provider accepts only {string.Join(", ", form.Types)}");
        }

        var kept = _temporary.PathOf("fit-" + NameOf(sha256, form));
        return Kept(kept) ?? await ConvertAsync(new Source(path, header, account), form, kept, cancellationToken);
    }

    private async Task<Outcome<FittedImage>> ConvertAsync(
        Source source, ImageForm form, string kept, CancellationToken cancellationToken)
    {
        var (path, header, account) = source;
        var made = _temporary.NewResultPath();
        var decoded = _temporary.NewPath();
        try
        {
            var isHeic = header.ContentType is "image/heic" or "image/heif";
            if (isHeic && await heic.DecodeAsync(path, header, decoded, account, cancellationToken) is { } unreadable)
            {
                return Refuse($"is {header.ContentType}, which cannot be converted here ({unreadable}); send it as JPEG or PNG");
            }

            var job = new FitPicture(
                isHeic ? decoded : path, MaxPixels, made, form.MaxBytes, form.MaxSide, Reads(form, "image/jpeg"), Reads(form, "image/png"),
                    Upright: isHeic);
            var run = await workers.RunAsync(job, account, cancellationToken);
            if (run.Failed(out var busy, out var answer))
            {
                return busy;
            }

            if (answer.Fault is { } fault)
            {
                return Refuse($"({header.ContentType}) {fault}");
            }

            if (answer.ContentType is not { } type)
            {
                return Refuse($"cannot be made smaller than {form.MaxBytes} bytes");
            }

            var target = kept + Extension(type);
            File.Move(made, target, overwrite: true);
            Touch(target);
            return new FittedImage(target, type, Converted: true);
        }
        finally
        {
            File.Delete(made);
            File.Delete(decoded);
        }
    }

    private FittedImage? Kept(string path)
    {
        foreach (var type in (string[])["image/jpeg", "image/png"])
        {
            var file = path + Extension(type);
            if (File.Exists(file))
            {
                Touch(file);
                return new FittedImage(file, type, Converted: true);
            }
        }

        return null;
    }

    // The sweep of temporary files goes by this time.
    private void Touch(string path) => File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);

    private static string NameOf(string sha256, ImageForm form) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{sha256}\n{string.Join(',', form.Types)}\n{form.MaxBytes}\n{form.MaxSide}")))[..32];

    private static string Extension(string type) => type == "image/png" ? ".png" : ".jpg";

    private static bool CanWrite(ImageForm form) => Reads(form, "image/jpeg") || Reads(form, "image/png");

    private static bool Reads(ImageForm form, string type) => form.Types.Contains(type)
        || (type == "image/heif" && form.Types.Contains("image/heic"));

    private static Problem Refuse(string what) => Problems.InvalidInput.With("The image " + what + ".");

    private readonly record struct Source(string Path, MediaHeader Header, string Account);
}
