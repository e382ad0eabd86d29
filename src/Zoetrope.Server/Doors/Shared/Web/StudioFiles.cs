using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Zoetrope.Server.Artifacts;

namespace Zoetrope.Server.Doors.Shared.Web;

/// <summary>
/// The studio as it was published: files beside the program, which know nothing of this server. A build without them serves
/// everything else.
/// </summary>
internal sealed partial class StudioFiles(StudioOptions options, ArtifactOptions artifacts)
{
    private const string ShellName = "index.html";

    private readonly string _root = Path.GetFullPath(
        options.Directory.Length > 0 ? options.Directory : Path.Combine(AppContext.BaseDirectory, "studio"));

    private Shell? _shell;

    /// <summary>Whether there is a studio.</summary>
    public bool AreHere => _shell is not null || File.Exists(Path.Combine(_root, ShellName));

    /// <summary>The page that every address of the studio answers; it holds nobody's data.</summary>
    public Answer Page() => new(async context =>
    {
        var path = Path.Combine(_root, ShellName);
        var shell = _shell is { } known && known.Written == File.GetLastWriteTimeUtc(path) ? known : _shell = await ReadAsync(path);
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = shell.Policy;
        headers.CacheControl = "no-cache";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=(), payment=()";
        await Send(path, "text/html; charset=utf-8", context);
    });

    /// <summary>One of its files; null if there is none of this name.</summary>
    /// <param name="path">Below the studio's directory, as the page names it.</param>
    public Answer? Find(string path)
    {
        var full = Path.GetFullPath(Path.Combine(_root, path));
        if (!full.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal) || TypeOf(full) is not { } type || !File.Exists(full))
        {
            return null;
        }

        return new Answer(context =>
        {
            // A name with a fingerprint in it never means other bytes.
            context.Response.Headers.CacheControl = Fingerprinted().IsMatch(path) ? "public, max-age=31536000, immutable" : "no-cache";
            return Send(full, type, context);
        });
    }

    // Compressed once by the build; nothing in these files is a secret.
    private static Task Send(string path, string type, HttpContext context)
    {
        var accepted = context.Request.Headers.AcceptEncoding.ToString();
        context.Response.Headers.Vary = "Accept-Encoding";
        foreach (var (coding, ending) in (ReadOnlySpan<(string, string)>)[("br", ".br"), ("gzip", ".gz")])
        {
            if (accepted.Contains(coding, StringComparison.Ordinal) && File.Exists(path + ending))
            {
                context.Response.Headers.ContentEncoding = coding;
                path += ending;
                break;
            }
        }

        var written = File.GetLastWriteTimeUtc(path);
        var tag = new Microsoft.Net.Http.Headers.EntityTagHeaderValue($"\"{written.Ticks:x}-{new FileInfo(path).Length:x}\"");
        return TypedResults.PhysicalFile(path, type, lastModified: written, entityTag: tag).ExecuteAsync(context);
    }

    private async Task<Shell> ReadAsync(string path)
    {
        var written = File.GetLastWriteTimeUtc(path);
        var map = ImportMap().Match(await File.ReadAllTextAsync(path)).Groups[1].Value;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(map)));
        var media = Origins();

        // Scripts are files of ours; the one inline block is the list of their fingerprinted names, which is named by its hash.
        return new Shell(
            written,
            $"default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-{hash}'; style-src 'self'; img-src 'self' blob: data:{media}; "
            + $"media-src 'self' blob:{media}; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
            + "frame-ancestors 'none'; base-uri 'self'");
    }

    // Where readers are sent to the bucket, its pictures are shown too, whether its name is in the host or in the path.
    private string Origins() => artifacts.S3 is { DirectReads: true, Url: { } url } s3
        ? $" {url.GetLeftPart(UriPartial.Authority)} {url.Scheme}://{s3.Bucket}.{url.Authority}"
        : "";

    private static string? TypeOf(string path) => Path.GetExtension(path) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".webp" => "image/webp",
        ".json" => "application/json",
        ".wasm" => "application/wasm",
        ".dat" => "application/octet-stream",
        _ => null,
    };

    [GeneratedRegex("""<script type="importmap"[^>]*>(.*?)</script>""", RegexOptions.Singleline)]
    private static partial Regex ImportMap();

    [GeneratedRegex(@"\.[a-z0-9]{10}\.(js|wasm|dat|css)$")]
    private static partial Regex Fingerprinted();

    private sealed record Shell(DateTime Written, string Policy);
}
