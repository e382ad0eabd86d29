using NetVips;
using Zoetrope.Workers;

namespace Zoetrope.Media;

/// <summary>The jobs on single pictures. Sizes are capped from the header before a pixel is decoded, and rows stream.</summary>
internal static class Pictures
{
    private const int PosterQuality = 82;
    private const int ThumbnailQuality = 75;

    /// <summary>Loaders that libvips itself does not trust are off; one thread, no cache of strangers' pixels.</summary>
    public static void Prepare()
    {
        NetVips.NetVips.BlockUntrusted = true;
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => { });
    }

    public static PictureAnswer Run(PictureJob job, string directory)
    {
        try
        {
            return job switch
            {
                MeasurePicture => Measure(job.Path),
                CheckPicture check => Check(check with { Poster = Inside(directory, check.Poster), Changed = check.Changed is { } to
                    ? Inside(directory, to) : null }),
                FitPicture fit => PictureFit.Write(fit with { To = Inside(directory, fit.To) }),
                ShrinkPicture shrink => Shrink(shrink with { To = Inside(directory, shrink.To) }),
                _ => new PictureAnswer("is part of a job of an unknown type"),
            };
        }
        catch (VipsException exception)
        {
            var reason = exception.Message.ReplaceLineEndings(" ").Trim().Replace(job.Path, "the file", StringComparison.Ordinal);
            return new PictureAnswer($"cannot be decoded: {(reason.Length > 300 ? reason[..300] : reason)}");
        }
        catch (IOException exception)
        {
            return new PictureAnswer($"cannot be read: {exception.GetType().Name}");
        }
    }

    public static Image Open(string path, long maxPixels, Enums.FailOn failOn)
    {
        var image = Image.NewFromFile(path, access: Enums.Access.Sequential, failOn: failOn);
        if ((long)image.Width * image.Height <= maxPixels)
        {
            return image;
        }

        using (image)
        {
            throw new VipsException($"it has {image.Width}×{image.Height} pixels");
        }
    }

    private static PictureAnswer Measure(string path)
    {
        using var image = Open(path, long.MaxValue, Enums.FailOn.None);
        return new PictureAnswer(null, image.Width, image.Height, Number(image, "n-pages", 1), Number(image, "heif-primary", 0));
    }

    private static int Number(Image image, string name, int otherwise) => image.Contains(name) ? (int)image.Get(name) : otherwise;

    private static PictureAnswer Check(CheckPicture job)
    {
        int width, height;
        using (var image = Open(job.Path, job.MaxPixels, Enums.FailOn.Warning))
        {
            (width, height) = (image.Width, image.Height);
            if (job.Changed is { } to)
            {
                using var upright = image.Autorot();
                (width, height) = (upright.Width, upright.Height);
                Write(upright, to, job.Format!);
            }
        }

        using var poster = Image.Thumbnail(job.Path, job.PosterSide, height: job.PosterSide, size: Enums.Size.Down,
            failOn: Enums.FailOn.Warning);
        using var coloured = poster.Colourspace(Enums.Interpretation.Srgb);
        using var flat = coloured.HasAlpha() ? coloured.Flatten(background: [255]) : coloured.Copy();
        flat.Jpegsave(job.Poster, q: PosterQuality, keep: Enums.ForeignKeep.None);
        return new PictureAnswer(null, width, height) { PosterWidth = flat.Width, PosterHeight = flat.Height };
    }

    private static PictureAnswer Shrink(ShrinkPicture job)
    {
        using var picture = Image.Thumbnail(job.Path, job.Side, height: job.Side, size: Enums.Size.Down);
        picture.Jpegsave(job.To, q: ThumbnailQuality, keep: Enums.ForeignKeep.None);
        return new PictureAnswer(null, picture.Width, picture.Height);
    }

    // To PNG nothing is lost but metadata; to the others it is encoded once more at high quality. Colours keep their profile.
    private static void Write(Image image, string to, string format)
    {
        switch (format)
        {
            case "png":
                image.Pngsave(to, compression: 6, keep: Enums.ForeignKeep.Icc);
                break;
            case "jpeg":
                using (var flat = image.HasAlpha() ? image.Flatten(background: [255]) : image.Copy())
                {
                    flat.Jpegsave(to, q: 95, subsampleMode: Enums.ForeignSubsample.Off, keep: Enums.ForeignKeep.Icc);
                }

                break;
            default:
                image.Webpsave(to, q: 92, keep: Enums.ForeignKeep.Icc);
                break;
        }
    }

    // Results have a place of their own; whatever a job says, nothing else is written.
    private static string Inside(string directory, string path) =>
        System.IO.Path.GetDirectoryName(path) == directory ? path : throw new IOException("A result outside the directory for results.");
}
