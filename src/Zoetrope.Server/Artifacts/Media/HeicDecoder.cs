namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// Decodes HEIC, the photos of phones, with the tool of libheif under the limits of every media process: the libvips we ship
/// contains no HEVC.
/// </summary>
internal sealed class HeicDecoder(MediaProcess process, ArtifactOptions options)
{
    // A file may hold more pictures than the one it shows, and the tool writes each of them, numbered.
    private const int MaxPictures = 16;

    // A second of work beside the picture itself.
    private const long MaxHiddenPixels = 25_000_000;

    private readonly TemporaryFiles _temporary = new(options);

    /// <summary>
    /// Leaves an upright JPEG of the best quality with the photo's colour profile at the path; returns what is wrong with the
    /// file otherwise.
    /// </summary>
    public async Task<string?> DecodeAsync(
        string path, MediaHeader header, string to, string account, CancellationToken cancellationToken)
    {
        if (header.Pages > MaxPictures || header.HiddenPixels > MaxHiddenPixels)
        {
            return $"it holds {header.Pages} pictures, and those that are not shown are too many or too large";
        }

        var directory = Directory.CreateDirectory(_temporary.NewPath());
        try
        {
            // The tool goes by the names' endings.
            var source = Path.Combine(directory.FullName, "photo.heic");
            File.CreateSymbolicLink(source, path);
            var result = await process.HeifAsync(["-q", "100", source, Path.Combine(directory.FullName, "picture.jpg")], account,
                cancellationToken);
            var made = Path.Combine(directory.FullName, header.Pages == 1 ? "picture.jpg" : $"picture-{header.Primary + 1}.jpg");
            if (!result.Succeeded || !File.Exists(made))
            {
                return result.IsMissing ? "heif-dec of libheif-examples is not installed" : "its HEVC picture cannot be decoded";
            }

            File.Move(made, to);
            return null;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
