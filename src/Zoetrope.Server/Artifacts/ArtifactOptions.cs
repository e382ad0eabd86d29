using Zoetrope.Server.Artifacts.S3;

namespace Zoetrope.Server.Artifacts;

/// <summary>Settings of stored files (<c>Zoetrope:Artifacts</c>).</summary>
internal sealed class ArtifactOptions
{
    /// <summary>Longest life of a signed URL.</summary>
    public static readonly TimeSpan MaxUrlLifetime = TimeSpan.FromDays(7);

    /// <summary>Values of <see cref="Decode"/>.</summary>
    public const string DecodeNeeded = "needed";
    public const string DecodeAll = "all";

    private readonly AsyncLocal<Uri?> _ofRequest = new();
    private Uri _own = new("http://127.0.0.1:8080");

    /// <summary>Where files and the signing keys live; the server's data directory.</summary>
    public string DataDirectory { get; set; } = "./data";

    /// <summary>The URL at which customers reach this server; signed and public file URLs begin with it.</summary>
    public Uri PublicUrl
    {
        get => _ofRequest.Value ?? _own;
        set => _own = value;
    }

    /// <summary>The same without regard to the request that is being answered.</summary>
    public Uri OwnUrl => _own;

    /// <summary>URLs in the answer to this request begin so: a proxy that we trust said how the client reached us.</summary>
    public void AnswerAt(Uri address) => _ofRequest.Value = address;

    /// <summary>Where new files go, <c>disk</c> or <c>s3</c>; empty is the bucket if one is set. Both are read.</summary>
    public string Place { get; set; } = "";

    /// <summary><see cref="Place"/> with its default resolved.</summary>
    internal string FirstPlace => Place.Length > 0 ? Place : S3.IsUsed ? PlaceWords.S3 : PlaceWords.Disk;

    /// <summary>The bucket.</summary>
    public S3Options S3 { get; set; } = new();

    /// <summary>Days after which outputs, posters and inputs are deleted; null keeps them.</summary>
    public int? RetentionDays { get; set; }

    /// <summary>Days an upload can be used and read at its public URL.</summary>
    public int UploadRetentionDays { get; set; } = 7;

    /// <summary>How long the signed <c>PUT</c> of an upload is open.</summary>
    public TimeSpan UploadUrlLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long the result URL in a task, an event or a webhook works; at most seven days. Each read of the task signs
    /// a new one.
    /// </summary>
    public TimeSpan ResultUrlLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Cap of one result file.</summary>
    public long MaxOutputBytes { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Result files downloaded from one host at a time; further ones wait.</summary>
    public int OutputFetchConcurrency { get; set; } = 16;

    /// <summary>Time to download one result file from a provider.</summary>
    public TimeSpan OutputFetchTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Time to fetch all input files of one request; the client is waiting.</summary>
    public TimeSpan InputFetchTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Input files of one request fetched at once.</summary>
    public int InputFetchConcurrency { get; set; } = 6;

    /// <summary>Input files fetched from one host at a time, for all customers; further ones wait within their time.</summary>
    public int InputFetchesPerHost { get; set; } = 32;

    /// <summary>Input files fetched for one API key at a time; further ones wait within their time.</summary>
    public int InputFetchesPerKey { get; set; } = 16;

    /// <summary>Bytes of uploads and inputs that one account may have stored on a UTC day; 0 is any number.</summary>
    public long AccountBytesPerDay { get; set; } = 20L * 1024 * 1024 * 1024;

    /// <summary>Free space in MiB below which files of customers are refused; 0 never refuses.</summary>
    public int MinFreeMegabytes { get; set; } = 512;

    /// <summary>
    /// A file that no row names is deleted when it is at least this old; the time covers results stored but not yet committed.
    /// </summary>
    public TimeSpan OrphanGrace { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often expired and orphaned files are looked for.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Which results are decoded before they are delivered: <c>needed</c> leaves out those whose structure proves that they are whole,
    /// <c>all</c> leaves out none.
    /// </summary>
    public string Decode { get; set; } = DecodeNeeded;

    /// <summary>Whether <see cref="Decode"/> is <c>all</c>.</summary>
    internal bool DecodesAll => Decode == DecodeAll;

    /// <summary>The ffmpeg program.</summary>
    public string Ffmpeg { get; set; } = "ffmpeg";

    /// <summary>The ffprobe program.</summary>
    public string Ffprobe { get; set; } = "ffprobe";

    /// <summary>libheif's program that decodes HEIC; empty is heif-dec, or heif-convert as it was called.</summary>
    public string HeifDecoder { get; set; } = "";

    /// <summary>Workers that decode pictures of results, and as many for inputs; 0 is one for each processor, at most four.</summary>
    public int PictureWorkers { get; set; }

    /// <summary><see cref="PictureWorkers"/> with its default resolved.</summary>
    internal int PictureSlots => PictureWorkers > 0 ? PictureWorkers : Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>Pictures after which a worker is replaced.</summary>
    public int PicturesPerWorker { get; set; } = 1000;

    /// <summary>Another program than ours for the workers, for tests.</summary>
    internal IReadOnlyList<string>? PictureCommand { get; set; }

    /// <summary>Media processes at once for results, and as many for inputs.</summary>
    public int MediaProcesses { get; set; } = 2;

    /// <summary>Wall time of one media process, and of one picture in a worker.</summary>
    public TimeSpan MediaProcessTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Memory of one media process or worker, in MiB.</summary>
    public int MediaProcessMegabytes { get; set; } = 2048;
}
