using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using NetVips;

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
/// JPEG; upright, in sRGB, without metadata, no larger than asked. The size is capped from the header before a pixel is
/// decoded; rows stream, and loaders that libvips itself does not trust are off.
/// </summary>
internal sealed class InputConverter(ArtifactOptions options, MediaProcess process, TimeProvider time) : IDisposable
{
    private const long MaxPixels = 100_000_000;
    private const int SmallestSide = 64;
    private const int Tries = 10;

    private readonly TemporaryFiles _temporary = new(options);
    private readonly HeicDecoder _heic = new(process);
    private readonly SemaphoreSlim _slots = new(options.MediaProcesses);

    static InputConverter()
    {
        NetVips.NetVips.BlockUntrusted = true;
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => { });
    }

    /// <summary>The file itself where it fits, otherwise its conversion, made once and kept for a retry; a problem where it cannot be made.</summary>
    /// <param name="path">A stored image.</param>
    /// <param name="sha256">Its hash.</param>
    /// <param name="form">What is wanted.</param>
    /// <param name="cancellationToken">Ends the wait for a free slot and the decoding.</param>
    public async Task<Outcome<FittedImage>> FitAsync(string path, string sha256, ImageForm form, CancellationToken cancellationToken)
    {
        var header = MediaHeaders.Read(path);
        if (header is null || !header.IsImage)
        {
            return Refuse("is no image that this server knows");
        }

        if (Reads(form, header.ContentType) && new FileInfo(path).Length <= form.MaxBytes && Math.Max(header.Width ?? 0, header.Height ?? 0) <= form.MaxSide)
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

        if (!Reads(form, "image/jpeg") && !Reads(form, "image/png"))
        {
            return Refuse($"is {header.ContentType}, and the provider reads only {string.Join(", ", form.Types)}");
        }

        var kept = _temporary.PathOf("fit-" + NameOf(sha256, form));
        return Kept(kept) ?? await ConvertAsync(path, header, form, kept, cancellationToken);
    }

    public void Dispose() => _slots.Dispose();

    private async Task<Outcome<FittedImage>> ConvertAsync(string path, MediaHeader header, ImageForm form, string kept, CancellationToken cancellationToken)
    {
        var made = _temporary.NewPath();
        var decoded = _temporary.NewPath();
        await _slots.WaitAsync(cancellationToken);
        try
        {
            if (header.ContentType is "image/heic" or "image/heif")
            {
                if (await _heic.DecodeAsync(path, decoded, MaxPixels, cancellationToken) is { } unreadable)
                {
                    return Refuse($"is {header.ContentType}, which cannot be converted here ({unreadable}); send it as JPEG or PNG");
                }

                path = decoded;
            }

            var type = await Task.Run(() => Encode(path, made, form), cancellationToken);
            if (type is null)
            {
                return Refuse($"cannot be made smaller than {form.MaxBytes} bytes");
            }

            var target = kept + Extension(type);
            File.Move(made, target, overwrite: true);
            Touch(target);
            return new FittedImage(target, type, Converted: true);
        }
        catch (VipsException exception)
        {
            return Refuse($"({header.ContentType}) cannot be decoded: {exception.Message.ReplaceLineEndings(" ").Trim().Replace(path, "the file", StringComparison.Ordinal)}");
        }
        finally
        {
            _slots.Release();
            File.Delete(made);
            File.Delete(decoded);
        }
    }

    /// <summary>Writes the image smaller and smaller until it fits; the type written, or null where it never does.</summary>
    private static string? Encode(string path, string to, ImageForm form)
    {
        var transparent = IsTransparent(path);
        var png = Reads(form, "image/png") && (transparent || !Reads(form, "image/jpeg"));
        var side = form.MaxSide;
        var quality = 92;
        for (var attempt = 0; attempt < Tries && side >= SmallestSide; attempt++)
        {
            var longest = Write(path, to, side, png ? null : quality);
            var bytes = new FileInfo(to).Length;
            if (bytes <= form.MaxBytes)
            {
                return png ? "image/png" : "image/jpeg";
            }

            if (!png && quality > 80)
            {
                quality -= 6;
                continue;
            }

            // Bytes grow with the area; a little below the estimate, so that few attempts are needed.
            side = (int)(Math.Min(longest, side) * Math.Clamp(Math.Sqrt((double)form.MaxBytes / bytes) * 0.95, 0.2, 0.9));
        }

        return null;
    }

    /// <summary>Writes one version and returns its longest side; a quality asks for JPEG.</summary>
    private static int Write(string path, string to, int side, int? quality)
    {
        using var upright = Image.Thumbnail(path, side, height: side, size: Enums.Size.Down, outputProfile: "srgb", failOn: Enums.FailOn.Truncated);
        using var coloured = upright.Colourspace(Enums.Interpretation.Srgb);
        using var eight = coloured.Cast(Enums.BandFormat.Uchar);
        if (quality is { } q)
        {
            using var flat = eight.HasAlpha() ? eight.Flatten(background: [255]) : eight.Copy();
            flat.Jpegsave(to, q: q, keep: Enums.ForeignKeep.None);
        }
        else
        {
            eight.Pngsave(to, compression: 6, keep: Enums.ForeignKeep.None);
        }

        return Math.Max(eight.Width, eight.Height);
    }

    // An alpha channel that is opaque everywhere is no transparency; one pass over the rows tells.
    private static bool IsTransparent(string path)
    {
        using var image = Image.NewFromFile(path, access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated);
        if ((long)image.Width * image.Height > MaxPixels)
        {
            throw new VipsException("it has more pixels than its header says");
        }

        if (!image.HasAlpha())
        {
            return false;
        }

        using var alpha = image[image.Bands - 1];
        return alpha.Min() < (image.Format is Enums.BandFormat.Ushort ? ushort.MaxValue : byte.MaxValue);
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

    private static bool Reads(ImageForm form, string type) => form.Types.Contains(type) || (type == "image/heif" && form.Types.Contains("image/heic"));

    private static Problem Refuse(string what) => Problems.InvalidInput.With("The image " + what + ".");
}
