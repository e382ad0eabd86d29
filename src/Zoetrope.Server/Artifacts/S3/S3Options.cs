namespace Zoetrope.Server.Artifacts.S3;

/// <summary>Settings of the bucket (<c>Zoetrope:Artifacts:S3</c>). Without a bucket, files are on the disk.</summary>
internal sealed class S3Options
{
    private const string Section = "Zoetrope__Artifacts__S3__";

    /// <summary>The store's URL; empty is Amazon's own in <see cref="Region"/>.</summary>
    public string Endpoint { get; set; } = "";

    public string Bucket { get; set; } = "";

    public string AccessKey { get; set; } = "";

    public string SecretKey { get; set; } = "";

    public string Region { get; set; } = "us-east-1";

    /// <summary>What the keys of all objects begin with, so that a bucket can be shared.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>The bucket is part of the path and not of the host name, as most self-hosted stores want it.</summary>
    public bool PathStyle { get; set; } = true;

    /// <summary>Readers of file URLs are sent to the bucket.</summary>
    public bool DirectReads { get; set; }

    /// <summary>Uploads are put into the bucket and taken over when they are first used.</summary>
    public bool DirectUploads { get; set; }

    /// <summary>Size of the local copies, in MiB, beyond which those unused for longest go.</summary>
    public int CacheMegabytes { get; set; } = 2048;

    internal bool IsUsed => Bucket.Length > 0;

    internal Uri Url => new(Endpoint.Length > 0 ? Endpoint : $"https://s3.{Region}.amazonaws.com");

    /// <summary>The prefix with its slash; empty where there is none.</summary>
    internal string Root => Prefix.Trim('/') is { Length: > 0 } prefix ? prefix + "/" : "";

    /// <summary>As logs and messages name it.</summary>
    internal string Name => $"{Bucket} at {Url.GetLeftPart(UriPartial.Authority)}";

    /// <exception cref="ArgumentException">A setting cannot be used; the message names it and never shows a key.</exception>
    public void Check()
    {
        if (!IsUsed)
        {
            Require(Endpoint.Length + AccessKey.Length + SecretKey.Length == 0, nameof(Bucket), "It must name the bucket.");
            return;
        }

        Require(
            Bucket.Length is >= 3 and <= 63 && Bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'),
            nameof(Bucket),
            $"'{Bucket}' is no name of a bucket. It has 3 to 63 small letters, digits, hyphens and dots.");
        Require(AccessKey.Length > 0, nameof(AccessKey), "It must be set with the bucket.");
        Require(SecretKey.Length > 0, nameof(SecretKey), "It must be set with the bucket.");
        Require(
            Endpoint.Length == 0 || (Uri.TryCreate(Endpoint, UriKind.Absolute, out var url)
                && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
                && url.PathAndQuery == "/" && url.UserInfo.Length == 0),
            nameof(Endpoint),
            "It must be an http or https URL without a path, such as https://s3.example.com. The bucket's name is a setting of its own.");
        Require(
            Region.Length > 0 && Region.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'),
            nameof(Region),
            $"'{Region}' is no name of a region. Stores without regions take us-east-1.");
        Require(
            Prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.') && !Prefix.Contains("..", StringComparison.Ordinal),
            nameof(Prefix),
            $"'{Prefix}' may have letters, digits, hyphens, underscores, dots and slashes.");
        Require(CacheMegabytes > 0, nameof(CacheMegabytes), "It must be at least 1.");
    }

    private static void Require(bool isMet, string name, string message)
    {
        if (!isMet)
        {
            throw new ArgumentException($"{Section}{name}: {message}");
        }
    }
}
