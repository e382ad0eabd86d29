using System.Text;

namespace Zoetrope.Cli.Media;

/// <summary>What a file is by its own first bytes: an ending is only a name, and the server looks at the bytes too.</summary>
internal static class FileType
{
    private const int Head = 32;

    /// <returns>The MIME type; null if no model accepts it.</returns>
    public static string? Of(ReadOnlySpan<byte> head) => head switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "image/gif",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'A', (byte)'V', (byte)'E', ..] => "audio/wav",
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', var a, var b, var c, var d, ..] =>
            Brand(Encoding.ASCII.GetString([a, b, c, d])),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "video/webm",
        [(byte)'I', (byte)'D', (byte)'3', ..] or [0xFF, 0xFB or 0xF3 or 0xF2, ..] => "audio/mpeg",
        [(byte)'O', (byte)'g', (byte)'g', (byte)'S', ..] => "audio/ogg",
        [(byte)'f', (byte)'L', (byte)'a', (byte)'C', ..] => "audio/flac",
        _ => null,
    };

    /// <summary>The type of a file on this machine; refuses what is not there and what is no medium.</summary>
    public static string OfFile(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var head = new byte[Head];
            var read = file.ReadAtLeast(head, Head, throwOnEndOfStream: false);
            return Of(head.AsSpan(0, read)) ?? throw CliException.File($"{path} is not an image, video or sound that models accept.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CliException.File($"The file {path} does not exist.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CliException.File($"{path} cannot be read: {exception.Message}");
        }
    }

    public static string Extension(string contentType) => contentType switch
    {
        "image/jpeg" => "jpg",
        "audio/mpeg" => "mp3",
        "video/quicktime" => "mov",
        _ => contentType[(contentType.IndexOf('/', StringComparison.Ordinal) + 1)..],
    };

    private static string Brand(string brand) => brand switch
    {
        "avif" or "avis" => "image/avif",
        "heic" or "heix" or "mif1" or "msf1" => "image/heic",
        "qt  " => "video/quicktime",
        "M4A " or "M4B " => "audio/mp4",
        _ => "video/mp4",
    };
}
