using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using NetVips;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Workers;

namespace Zoetrope.Tests.Artifacts.Media;

/// <summary>No small file costs minutes: what an accepted picture costs above an ordinary one of its size is bounded.</summary>
public sealed class HostilePicturesTests : IDisposable
{
    private const int Side = 1500;
    private readonly TemporaryDirectory _directory = new();
    private readonly PictureWorkers _workers;

    public HostilePicturesTests() => _workers = new PictureWorkers(new ArtifactOptions { DataDirectory = _directory.Path, PictureWorkers = 1 }, NullLogger<PictureWorkers>.Instance);

    public static TheoryData<string> Costly => ["scans", "interlaced", "animated gif", "animated webp", "segments", "text chunks", "bytes behind the end", "empty data chunks", "noise"];

    public void Dispose()
    {
        _workers.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(90, true)]
    [InlineData(200, false)]
    [InlineData(5000, false)]
    public async Task A_jpeg_of_more_scans_than_anybody_writes_is_refused_wherever_it_comes_in(int scans, bool taken)
    {
        var path = Scans(64, scans);

        var header = (await TestProber.ReadAsync(path))!;
        Assert.Equal(taken ? null : "is a progressive JPEG of more than 100 scans. Save it as an ordinary JPEG", header.Fault);

        if (!taken)
        {
            var made = new TemporaryFiles(new ArtifactOptions { DataDirectory = _directory.Path }).NewResultPath();
            foreach (var job in (PictureJob[])[new CheckPicture(path, 1_000_000), new DrawPoster(path, 1_000_000, made, 64), new FitPicture(path, 1_000_000, made, 1_000_000, 64, true, true, false), new ShrinkPicture(path, made, 64)])
            {
                Assert.Contains("more than 100 scans", (await _workers.RunAsync(job, null, default)).Value.Fault, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Pictures_inside_and_behind_a_jpeg_are_no_scans_of_it()
    {
        var plain = await File.ReadAllBytesAsync(TestMedia.Jpeg);
        byte[] many = [.. Enumerable.Repeat((byte[])[0xff, 0xda, 0, 2], 500).SelectMany(static bytes => bytes)];
        byte[] segment = [0xff, 0xe2, .. TestHeic.U16(many.Length + 2), .. many];
        var path = TestMedia.NewPath(".jpg");
        await File.WriteAllBytesAsync(path, [.. plain[..2], .. segment, .. plain[2..], .. plain, .. many]);

        var header = (await TestProber.ReadAsync(path))!;

        Assert.Equal((null, 320, 240), (header.Fault, header.Width, header.Height));
    }

    [Theory, MemberData(nameof(Costly))]
    public async Task A_costly_picture_costs_at_most_a_second_more_than_a_plain_one(string kind)
    {
        var made = new TemporaryFiles(new ArtifactOptions { DataDirectory = _directory.Path }).NewResultPath();
        var plain = Path.Combine(_directory.Path, "plain.jpg");
        using (var noise = Noise(Side))
        {
            noise.Jpegsave(plain);
        }

        await CostAsync(plain, made);
        var ordinary = await CostAsync(plain, made);

        var costly = await CostAsync(Make(kind), made);

        Assert.True(costly - ordinary < TimeSpan.FromSeconds(1), $"{kind}: {costly} instead of {ordinary}");
    }

    [Fact]
    public async Task Nobody_waits_for_the_work_of_a_caller_that_has_left()
    {
        using var hanging = new PictureWorkers(
            new ArtifactOptions { DataDirectory = _directory.Path, PictureCommand = ["/bin/sh", "-c", "exec sleep 600"] }, NullLogger<PictureWorkers>.Instance);
        using var leaving = new CancellationTokenSource();
        var work = hanging.RunAsync(new MeasurePicture(TestMedia.Png), "acct_one", leaving.Token);
        var worker = await Until.SeesAsync(() => Task.FromResult(hanging.ProcessIds.ToList()), static ids => ids.Count == 1);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        await Until.SeesAsync(() => Task.FromResult(Directory.Exists($"/proc/{worker[0]}")), static exists => !exists);
    }

    // Processor time of the worker for one look and one conversion.
    private async Task<TimeSpan> CostAsync(string path, string made)
    {
        var measure = new MeasurePicture(path);
        _ = await _workers.RunAsync(measure, null, default);
        var before = Processor();
        var header = (await _workers.RunAsync(measure, null, default)).Value;
        Assert.Null(header.Fault);
        _ = await _workers.RunAsync(new FitPicture(path, 100_000_000, made, 3_000_000, 1_000, Jpeg: true, Png: true, Upright: false), null, default);
        return Processor() - before;
    }

    private TimeSpan Processor()
    {
        using var process = Process.GetProcessById(Assert.Single(_workers.ProcessIds));
        return process.TotalProcessorTime;
    }

    private string Make(string kind)
    {
        var path = Path.Combine(_directory.Path, kind.Replace(' ', '-'));
        switch (kind)
        {
            case "scans":
                return Scans(Side, 90);
            case "interlaced":
                using (var noise = Noise(Side))
                {
                    noise.Pngsave(path + ".png", interlace: true);
                }

                return path + ".png";
            case "animated gif":
                TestMedia.Run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", $"color=red:s={Side}x{Side}:r=100:d=10", path + ".gif");
                return path + ".gif";
            case "animated webp":
                TestMedia.Run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=s=320x240:r=50:d=6", "-c:v", "libwebp_anim", path + ".webp");
                return path + ".webp";
            case "segments":
                return Written(path + ".jpg", File.ReadAllBytes(TestMedia.Jpeg), 2, Repeat([0xff, 0xe5, 0, 2], 1_000_000));
            case "text chunks":
                using (var chunk = new MemoryStream())
                {
                    TestMedia.Chunk(chunk, "tEXt"u8, [(byte)'a', 0, (byte)'b']);
                    return Written(path + ".png", File.ReadAllBytes(TestMedia.Png), 33, Repeat(chunk.ToArray(), 900));
                }

            case "bytes behind the end":
                return Written(path + ".png", File.ReadAllBytes(TestMedia.Png), -1, new byte[19_000_000]);
            case "empty data chunks":
                using (var chunk = new MemoryStream())
                {
                    TestMedia.Chunk(chunk, "IDAT"u8, []);
                    var file = File.ReadAllBytes(TestMedia.Png);
                    return Written(path + ".png", file, file.AsSpan().IndexOf("IDAT"u8) - 4, Repeat(chunk.ToArray(), 1_000_000));
                }

            default:
                using (var noise = Noise(Side))
                {
                    noise.Webpsave(path + ".webp", lossless: true, effort: 0);
                }

                return path + ".webp";
        }
    }

    private static byte[] Repeat(byte[] part, int times) => [.. Enumerable.Repeat(part, times).SelectMany(static bytes => bytes)];

    private static string Written(string path, byte[] file, int at, byte[] inserted)
    {
        var place = at < 0 ? file.Length : at;
        File.WriteAllBytes(path, [.. file[..place], .. inserted, .. file[place..]]);
        return path;
    }

    // A progressive JPEG whose last scan is there many times.
    private string Scans(int side, int scans)
    {
        byte[] file;
        using (var noise = Noise(side))
        {
            file = noise.JpegsaveBuffer(interlace: true, q: 40);
        }

        var last = file.AsSpan().LastIndexOf([(byte)0xff, (byte)0xda]);
        var scan = file[last..^2];
        var path = Path.Combine(_directory.Path, string.Create(CultureInfo.InvariantCulture, $"scans-{side}-{scans}.jpg"));
        var header = file[..last];

        // Empty scans: their data end at once, and each block is gone over all the same.
        var lengths = (scan[2] << 8) | scan[3];
        byte[] empty = [.. scan[..(2 + lengths)]];
        File.WriteAllBytes(path, [.. header, .. scan, .. Repeat(empty, scans - 10), 0xff, 0xd9]);
        return path;
    }

    private static Image Noise(int side)
    {
        using var noise = Image.Gaussnoise(side, side, sigma: 60, mean: 128, seed: 3);
        using var three = noise.Bandjoin(noise, noise);
        using var eight = three.Cast(Enums.BandFormat.Uchar);
        return eight.Copy(interpretation: Enums.Interpretation.Srgb);
    }
}
