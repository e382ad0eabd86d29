using NetVips;
using Zoetrope.Workers;

namespace Zoetrope.Media;

/// <summary>The jobs on single pictures. Sizes are capped from the header before a pixel is decoded, and rows stream.</summary>
internal static class Pictures
{
    private const int PosterQuality = 82;
    private const int ThumbnailQuality = 75;
    private const int MaxPages = 16;
    private const string Orientation = "orientation";

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
            // What the last job left in the library's buffer would be told as this one's.
            _ = new VipsException("");
            return job switch
            {
                MeasurePicture => Measure(job.Path),
                CheckPicture check => Check(check with { Changed = check.Changed is { } to ? Inside(directory, to) : null }),
                DrawPoster poster => Draw(poster with { To = Inside(directory, poster.To) }),
                FitPicture fit => PictureFit.Write(fit with { To = Inside(directory, fit.To) }),
                ShrinkPicture shrink => Shrink(shrink with { To = Inside(directory, shrink.To) }),
                _ => new PictureAnswer("is part of a job of an unknown type"),
            };
        }
        catch (UnusablePictureException exception)
        {
            return new PictureAnswer(exception.Message);
        }
        catch (IOException exception)
        {
            return new PictureAnswer("cannot be read") { Detail = exception.Message };
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whatever a stranger's file does to the library or to us is the file's fault, and the worker goes on.
            var detail = exception.Message.ReplaceLineEndings(" ").Trim();
            return new PictureAnswer("cannot be decoded; the file is damaged or incomplete")
            {
                Detail = detail.Length > 1000 ? detail[..1000] : detail,
            };
        }
    }

    /// <summary>The picture as it is stored, read row by row.</summary>
    public static Image Open(string path, long maxPixels, Enums.FailOn failOn)
    {
        JpegScans.Check(path);
        var image = Image.NewFromFile(path, access: Enums.Access.Sequential, failOn: failOn);
        if ((long)image.Width * image.Height <= maxPixels)
        {
            return image;
        }

        using (image)
        {
            throw new UnusablePictureException($"has {image.Width}×{image.Height} pixels; at most {maxPixels / 1_000_000} million are read");
        }
    }

    private static PictureAnswer Measure(string path)
    {
        using var image = Open(path, long.MaxValue, Enums.FailOn.None);
        var (width, height) = Shown(image);
        return new PictureAnswer(null, width, height, Number(image, "n-pages", 1), Number(image, "heif-primary", 0))
        {
            HasAlpha = image.HasAlpha(),
            IsTurned = Number(image, Orientation, 1) > 1,
            HiddenPixels = HiddenPixels(path, image),
        };
    }

    /// <summary>The size of the picture after the turn that its metadata asks for.</summary>
    private static (int Width, int Height) Shown(Image image) =>
        Number(image, Orientation, 1) is >= 5 and <= 8 ? (image.Height, image.Width) : (image.Width, image.Height);

    // Whoever decodes a HEIC decodes all pictures in it.
    private static long HiddenPixels(string path, Image image)
    {
        var pages = Math.Min(Number(image, "n-pages", 1), MaxPages);
        if (pages < 2 || !image.Contains("heif-primary"))
        {
            return 0;
        }

        long pixels = 0;
        for (var i = 0; i < pages; i++)
        {
            using var page = Image.Heifload(path, page: i);
            pixels += i == Number(image, "heif-primary", 0) ? 0 : (long)page.Width * page.Height;
        }

        return pixels;
    }

    private static int Number(Image image, string name, int otherwise) => image.Contains(name) ? (int)image.Get(name) : otherwise;

    private static PictureAnswer Check(CheckPicture job)
    {
        using var image = Open(job.Path, job.MaxPixels, Enums.FailOn.Warning);
        var (width, height) = Shown(image);
        if (job.Changed is { } to)
        {
            using var upright = Number(image, Orientation, 1) > 1 ? Turned(image) : image.Copy();
            Write(upright, to, job.Format!);
        }
        else
        {
            // Every row is read and none is kept.
            _ = image.Max();
        }

        return new PictureAnswer(null, width, height);
    }

    private static PictureAnswer Draw(DrawPoster job)
    {
        using (Open(job.Path, job.MaxPixels, Enums.FailOn.None))
        {
        }

        using var poster = Image.Thumbnail(job.Path, job.Side, height: job.Side, size: Enums.Size.Down, outputProfile: "srgb");
        using var coloured = poster.Colourspace(Enums.Interpretation.Srgb);
        using var flat = coloured.HasAlpha() ? coloured.Flatten(background: [255]) : coloured.Copy();
        flat.Jpegsave(job.To, q: PosterQuality, keep: Enums.ForeignKeep.None);
        return new PictureAnswer(null, flat.Width, flat.Height);
    }

    private static PictureAnswer Shrink(ShrinkPicture job)
    {
        JpegScans.Check(job.Path);
        using var picture = Image.Thumbnail(job.Path, job.Side, height: job.Side, size: Enums.Size.Down);
        picture.Jpegsave(job.To, q: ThumbnailQuality, keep: Enums.ForeignKeep.None);
        return new PictureAnswer(null, picture.Width, picture.Height);
    }

    // A turn needs rows in another order than they are stored in.
    private static Image Turned(Image image)
    {
        using var whole = image.CopyMemory();
        return whole.Autorot();
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
