using NetVips;
using Zoetrope.Workers;

namespace Zoetrope.Media;

/// <summary>Writes a picture smaller and smaller until it fits what somebody reads.</summary>
internal static class PictureFit
{
    private const int SmallestSide = 64;
    private const int Tries = 10;
    private const int BestQuality = 92;
    private const int LowestQuality = 80;

    public static PictureAnswer Write(FitPicture job)
    {
        var png = job.Png && (!job.Jpeg || IsTransparent(job));
        var side = Math.Min(job.MaxSide, LongestSide(job));
        var quality = BestQuality;

        // The first version streams. Where it is too large, the others are made from the decoded picture: whoever sends noise costs
        // a few encodings and not as many decodings.
        Image? decoded = null;
        try
        {
            for (var attempt = 0; attempt < Tries && (attempt == 0 || side >= SmallestSide); attempt++)
            {
                using var next = decoded is null ? Decode(job, side) : Shrink(decoded, side);
                Save(next, job.To, png ? null : quality);
                var bytes = new FileInfo(job.To).Length;
                if (bytes <= job.MaxBytes)
                {
                    return new PictureAnswer(null, next.Width, next.Height, ContentType: png ? "image/png" : "image/jpeg");
                }

                decoded ??= Kept(job, side);
                if (!png && quality > LowestQuality)
                {
                    quality = LowestQuality;
                    continue;
                }

                // Bytes grow with the area; a little below the estimate, so that few attempts are needed.
                side = (int)(Math.Min(Math.Max(next.Width, next.Height), side)
                    * Math.Clamp(Math.Sqrt((double)job.MaxBytes / bytes) * 0.95, 0.2, 0.9));
            }

            return new PictureAnswer(null);
        }
        finally
        {
            decoded?.Dispose();
        }
    }

    // Upright, in sRGB, eight bits.
    private static Image Decode(FitPicture job, int side)
    {
        using var upright = Image.Thumbnail(job.Path, side, height: side, size: Enums.Size.Down, noRotate: job.Upright,
            outputProfile: "srgb", failOn: Enums.FailOn.Truncated);
        using var coloured = upright.Colourspace(Enums.Interpretation.Srgb);
        return coloured.Cast(Enums.BandFormat.Uchar);
    }

    private static Image Kept(FitPicture job, int side)
    {
        using var image = Decode(job, side);
        return image.CopyMemory();
    }

    private static Image Shrink(Image decoded, int side) => Math.Max(decoded.Width, decoded.Height) <= side
        ? decoded.Copy()
        : decoded.ThumbnailImage(side, height: side, size: Enums.Size.Down, noRotate: true);

    /// <summary>A quality asks for JPEG.</summary>
    private static void Save(Image image, string to, int? quality)
    {
        if (quality is { } q)
        {
            using var flat = image.HasAlpha() ? image.Flatten(background: [255]) : image.Copy();
            flat.Jpegsave(to, q: q, keep: Enums.ForeignKeep.None);
        }
        else
        {
            image.Pngsave(to, compression: 6, keep: Enums.ForeignKeep.None);
        }
    }

    private static int LongestSide(FitPicture job)
    {
        using var image = Pictures.Open(job.Path, job.MaxPixels, Enums.FailOn.None);
        return Math.Max(image.Width, image.Height);
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
