using NetVips;
using Zoetrope.Workers;

namespace Zoetrope.Media;

/// <summary>Writes a picture smaller and smaller until it fits what somebody reads.</summary>
internal static class PictureFit
{
    private const int SmallestSide = 64;
    private const int Tries = 10;

    public static PictureAnswer Write(FitPicture job)
    {
        var png = job.Png && (!job.Jpeg || IsTransparent(job));
        var side = job.MaxSide;
        var quality = 92;
        for (var attempt = 0; attempt < Tries && side >= SmallestSide; attempt++)
        {
            var (width, height) = Write(job, side, png ? null : quality);
            var bytes = new FileInfo(job.To).Length;
            if (bytes <= job.MaxBytes)
            {
                return new PictureAnswer(null, width, height, ContentType: png ? "image/png" : "image/jpeg");
            }

            if (!png && quality > 80)
            {
                quality -= 6;
                continue;
            }

            // Bytes grow with the area; a little below the estimate, so that few attempts are needed.
            side = (int)(Math.Min(Math.Max(width, height), side) * Math.Clamp(Math.Sqrt((double)job.MaxBytes / bytes) * 0.95, 0.2, 0.9));
        }

        return new PictureAnswer(null);
    }

    /// <summary>Writes one version; a quality asks for JPEG.</summary>
    private static (int Width, int Height) Write(FitPicture job, int side, int? quality)
    {
        Pictures.Open(job.Path, job.MaxPixels, Enums.FailOn.None).Dispose();
        using var upright = Image.Thumbnail(
            job.Path, side, height: side, size: Enums.Size.Down, noRotate: job.Upright, outputProfile: "srgb",
                failOn: Enums.FailOn.Truncated);
        using var coloured = upright.Colourspace(Enums.Interpretation.Srgb);
        using var eight = coloured.Cast(Enums.BandFormat.Uchar);
        if (quality is { } q)
        {
            using var flat = eight.HasAlpha() ? eight.Flatten(background: [255]) : eight.Copy();
            flat.Jpegsave(job.To, q: q, keep: Enums.ForeignKeep.None);
        }
        else
        {
            eight.Pngsave(job.To, compression: 6, keep: Enums.ForeignKeep.None);
        }

        return (eight.Width, eight.Height);
    }

    // An alpha channel that is opaque everywhere is no transparency; one pass over the rows tells.
    private static bool IsTransparent(FitPicture job)
    {
        using var image = Pictures.Open(job.Path, job.MaxPixels, Enums.FailOn.Truncated);
        if (!image.HasAlpha())
        {
            return false;
        }

        using var alpha = image[image.Bands - 1];
        return alpha.Min() < (image.Format is Enums.BandFormat.Ushort ? ushort.MaxValue : byte.MaxValue);
    }
}
