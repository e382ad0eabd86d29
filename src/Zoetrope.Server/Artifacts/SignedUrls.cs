using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Zoetrope.Server.Artifacts;

/// <summary>
/// URLs that are their own permission: an HMAC-SHA256 over the method, the path's parts and the expiry. Whoever has
/// one may read that file until it expires, and nothing else.
/// </summary>
internal sealed class SignedUrls(SigningKeys keys, ArtifactOptions options, TimeProvider time)
{
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    /// <summary>A result has one URL for so long, so that browsers and lists need not fetch it again.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(6);

    /// <summary>A URL that reads the artifact.</summary>
    /// <param name="name">The file name browsers save under; letters, digits, dots, hyphens and underscores.</param>
    /// <param name="attachment">Ask browsers to save instead of show.</param>
    public Uri ForArtifact(Artifact artifact, string? name = null, TimeSpan? lifetime = null, bool attachment = false)
    {
        var file = FileName(name, artifact);
        var expiry = Expiry(lifetime ?? DefaultLifetime);
        var signature = Sign(keys.Current, Text("GET", artifact.Id, file, expiry, attachment));
        return At($"files/{artifact.Id}/{file}?exp={expiry}{(attachment ? "&dl=1" : "")}&sig={signature}");
    }

    /// <summary>The result URL of tasks and events.</summary>
    public Uri ForResult(Artifact artifact) => ForArtifact(artifact, lifetime: ResultExpiry - time.GetUtcNow());

    /// <summary>When a result URL that is made now ends.</summary>
    public DateTimeOffset ResultExpiry
    {
        get
        {
            var (now, lifetime) = (time.GetUtcNow(), options.ResultUrlLifetime);
            if (lifetime < 2 * Window)
            {
                return now + lifetime;
            }

            // The end of a window after the lifetime, unless that is longer than any URL lives.
            var begins = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % Window.Ticks), TimeSpan.Zero);
            return begins + lifetime + (lifetime + Window <= ArtifactOptions.MaxUrlLifetime ? Window : TimeSpan.Zero);
        }
    }

    /// <summary>An address of this server as its customers see it.</summary>
    public Uri Own(string path) => At(path);

    /// <summary>A URL that takes the upload's bytes.</summary>
    public Uri ForUpload(string key, DateTimeOffset expiresAt)
    {
        var expiry = expiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return At($"uploads/{key}?exp={expiry}&sig={Sign(keys.Current, Text("PUT", key, "", expiry, attachment: false))}");
    }

    public bool VerifyArtifact(string artifactId, string name, string? expiry, string? signature, bool attachment) =>
        Verify("GET", artifactId, name, expiry, signature, attachment);

    /// <summary>How long a verified URL may be kept: to its end, and no longer than the next one takes its place.</summary>
    public TimeSpan Left(string expiry)
    {
        var end = DateTimeOffset.FromUnixTimeSeconds(long.Parse(expiry, CultureInfo.InvariantCulture));
        var left = end - time.GetUtcNow();
        return left < Window ? left : Window;
    }

    public bool VerifyUpload(string key, string? expiry, string? signature) => Verify("PUT", key, "", expiry, signature, attachment: false);

    private bool Verify(string method, string subject, string name, string? expiry, string? signature, bool attachment)
    {
        if (signature is null || expiry is null || expiry.Length > 12
            || !long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return false;
        }

        // The text is compared, not the decoded bytes: base64 has several spellings of one value.
        var given = Encoding.ASCII.GetBytes(signature);
        var text = Text(method, subject, name, expiry, attachment);
        var matches = false;
        foreach (var key in keys.Accepted)
        {
            matches |= CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(key, text)), given);
        }

        var left = seconds - time.GetUtcNow().ToUnixTimeSeconds();
        return matches && left > 0 && left <= ArtifactOptions.MaxUrlLifetime.TotalSeconds;
    }

    private string Expiry(TimeSpan lifetime)
    {
        if (lifetime <= TimeSpan.Zero || lifetime > ArtifactOptions.MaxUrlLifetime)
        {
            throw new ArgumentOutOfRangeException(
                nameof(lifetime), lifetime, $"A signed URL is valid for at most {ArtifactOptions.MaxUrlLifetime.TotalDays} days.");
        }

        return (time.GetUtcNow() + lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
    }

    private Uri At(string relative) => new(options.PublicUrl.AbsoluteUri.TrimEnd('/') + "/" + relative);

    // No part can contain a line end: ids and keys are base-32 with a fixed shape, names are reduced to safe characters.
    private static string Text(string method, string subject, string name, string expiry, bool attachment) =>
        $"{method}\n{subject}\n{name}\n{expiry}\n{(attachment ? "attachment" : "inline")}";

    private static string Sign(byte[] key, string text) => Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    private static string FileName(string? name, Artifact artifact)
    {
        var kept = new string(
            [
                .. (name ?? ArtifactRecords.RoleText(artifact.Role))
                    .Where(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
                    .Take(80),
            ]).TrimStart('.');
        var suffix = "." + artifact.Probe.Extension;
        return kept.EndsWith(suffix, StringComparison.Ordinal) && kept.Length > suffix.Length
            ? kept
            : (kept.Length == 0 ? "file" : kept) + suffix;
    }
}
