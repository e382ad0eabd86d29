using NetVips;
using SkiaSharp;

namespace Zoetrope.Sandbox.Rendering;

/// <summary>Decodes images that customers sent: dimensions are capped from the header before any pixel is decoded.</summary>
internal static class InputImages
{
    private const long MaxPixels = 100_000_000;
    private const string Profile = "srgb";

    static InputImages()
    {
        NetVips.NetVips.BlockUntrusted = true;
        Cache.Max = 0;
        NetVips.NetVips.Concurrency = 1;
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => { });
    }

    /// <summary>The image, covering a frame of this size.</summary>
    public static SKImage Cover(string path, int width, int height)
    {
        using var image = Open(path);
        return Convert(() =>
        {
            using var thumb = image.ThumbnailImage(width, height: height, crop: Enums.Interesting.Centre, size: Enums.Size.Both,
                outputProfile: Profile);
            return Pixels(thumb);
        });
    }

    /// <summary>The image, fitted into a square of this side.</summary>
    public static SKImage Fit(string path, int side)
    {
        using var image = Open(path);
        return Convert(() =>
        {
            using var thumb = image.ThumbnailImage(side, height: side, size: Enums.Size.Both, outputProfile: Profile);
            return Pixels(thumb);
        });
    }

    /// <summary>
    /// Lanczos-resamples to exactly this size, straight into a file: rows stream, and the whole image is in memory only where it
    /// has to be turned.
    /// </summary>
    public static void Resample(string path, int width, int height, string format, string to)
    {
        using var image = Open(path);
        Convert<object?>(() =>
        {
            using var coloured = Coloured(image);
            using var solid = coloured.HasAlpha() ? coloured.Premultiply() : coloured.Copy();
            using var sized = solid.Resize(width / (double)solid.Width, kernel: Enums.Kernel.Lanczos3,
                vscale: height / (double)solid.Height);
            using var exact = sized.Width == width && sized.Height == height ? sized.Copy()
                : sized.Gravity(Enums.CompassDirection.Centre, width, height, extend: Enums.Extend.Copy);
            using var plain = coloured.HasAlpha() ? exact.Unpremultiply() : exact.Copy();
            using var eight = plain.Cast(Enums.BandFormat.Uchar);
            using var badge = Badge(width, height);
            using var mixed = eight.Composite2(badge, Enums.BlendMode.Over, x: width - badge.Width, y: height - badge.Height);
            using var flat = eight.HasAlpha() && format != "jpeg" ? mixed.Copy() : mixed.Flatten(background: [255]);
            using var bytes = flat.Cast(Enums.BandFormat.Uchar);
            Write(bytes, format, to);
            return null;
        });
    }

    private static void Write(Image image, string format, string to)
    {
        var plain = to + ".tmp";
        switch (format)
        {
            case "jpeg":
                image.Jpegsave(plain, q: 92, keep: Enums.ForeignKeep.None);
                break;
            case "webp":
                image.Webpsave(plain, q: 90, keep: Enums.ForeignKeep.None);
                break;
            default:
                image.Pngsave(plain, compression: 3, keep: Enums.ForeignKeep.None);
                break;
        }

        using (var from = File.OpenRead(plain))
        {
            ImageFile.Stamp(from, format, image.Width, image.Height, to);
        }

        File.Delete(plain);
    }

    // As the picture is shown: turned, and in sRGB whatever its own colours are.
    private static Image Coloured(Image image)
    {
        using var upright = image.Contains("orientation") && (int)image.Get("orientation") > 1 ? Turned(image) : image.Copy();
        using var converted = upright.Contains("icc-profile-data") ? upright.IccTransform(Profile, embedded: true) : upright.Copy();
        return converted.Colourspace(Enums.Interpretation.Srgb);
    }

    // A turn needs rows in another order than they are read in.
    private static Image Turned(Image image)
    {
        using var whole = image.CopyMemory();
        return whole.Autorot();
    }

    private static Image Badge(int width, int height)
    {
        var (w, h) = (Math.Min(width, Math.Max(64, Math.Min(width, height) / 5)),
            Math.Min(height, Math.Max(28, Math.Min(width, height) / 16)));
        using var surface = SKSurface.Create(new SKImageInfo(w, h, SKColorType.Rgba8888, SKAlphaType.Unpremul))
            ?? SKSurface.Create(new SKImageInfo(w, h, SKColorType.Rgba8888, SKAlphaType.Premul));
        surface.Canvas.Clear(SKColors.Transparent);
        surface.Canvas.Translate(w - width, h - height);
        Lettering.Letters.Badge(surface.Canvas, width, height);
        using var picture = surface.Snapshot();
        using var encoded = picture.Encode(SKEncodedImageFormat.Png, 100);
        return Image.NewFromBuffer(encoded.ToArray());
    }

    private static Image Open(string path)
    {
        var image = Convert(() => Image.NewFromFile(path, access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated));
        if ((long)image.Width * image.Height > MaxPixels)
        {
            image.Dispose();
            throw new UnusableInputException("The input image has too many pixels.");
        }

        return image;
    }

    private static SKImage Pixels(Image thumb)
    {
        using var srgb = thumb.Colourspace(Enums.Interpretation.Srgb);
        using var flat = srgb.HasAlpha() ? srgb.Flatten(background: [255]) : srgb.Copy();
        using var alpha = flat.Bandjoin(255);
        using var eight = alpha.Cast(Enums.BandFormat.Uchar);
        var bytes = eight.WriteToMemory<byte>();
        return SKImage.FromPixelCopy(new SKImageInfo(eight.Width, eight.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), bytes);
    }

    private static T Convert<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (VipsException e)
        {
            throw new UnusableInputException("The input image cannot be decoded; it is damaged or incomplete.", e.Message);
        }
    }
}
