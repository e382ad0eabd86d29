using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Artifacts.Media.Structure;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Artifacts.Media;

/// <summary>
/// Four thousand results that are broken in some way. What passes by its structure alone is decoded to its end by ffmpeg, and a decoder
/// that refuses it outright means that the structure is no proof. A changed bit inside a video's frames is the exception that is known:
/// how often one is delivered now that was not before is written in decision 0040.
/// </summary>
public sealed class BrokenResultsTests(ITestOutputHelper output) : IDisposable
{
    private static readonly OutputSpec Image = new() { Media = MediaType.Image, Format = "png", Width = 320, Height = 240 };
    private static readonly OutputSpec Video = new() { Media = MediaType.Video, Format = "mp4", Width = 320, Height = 180, FramesPerSecond = 24, DurationSeconds = 2 };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory, Trait("Category", "Nightly")]
    [InlineData(nameof(TestMedia.Png), 2000), InlineData(nameof(TestMedia.Mp4), 800), InlineData(nameof(TestMedia.PlainMp4), 600), InlineData(nameof(TestMedia.HevcMp4), 600)]
    public async Task What_a_decoder_refuses_is_not_delivered(string name, int mutants) => await CompareAsync(name, mutants);

    [Theory]
    [InlineData(nameof(TestMedia.Png), 60), InlineData(nameof(TestMedia.Mp4), 12)]
    public async Task Some_of_them_every_time(string name, int mutants) => await CompareAsync(name, mutants);

    private async Task CompareAsync(string name, int mutants)
    {
        var options = new ArtifactOptions { DataDirectory = _directory.Path, Decode = ArtifactOptions.DecodeAll };
        using var workers = new PictureWorkers(options, NullLogger<PictureWorkers>.Instance);
        using var process = new MediaProcess(options);
        var prober = new MediaProber(process, workers, NullLogger<MediaProber>.Instance);
        using var decoding = new OutputCheck(prober, process, workers, options);
        var whole = await File.ReadAllBytesAsync((string)typeof(TestMedia).GetProperty(name)!.GetValue(null)!);
        var expected = name == nameof(TestMedia.Png) ? Image : Video;
        var path = Path.Combine(_directory.Path, "mutant");
        var random = new Random(20261201);
        var counts = new Dictionary<string, (int All, int Passed, int Complaints, int New)>();
        for (var i = 0; i < mutants; i++)
        {
            var (kind, bytes) = Mutate(whole, expected.Media, random, i);
            await File.WriteAllBytesAsync(path, bytes);
            var passes = expected.Media is MediaType.Image ? PngStructure.Read(path, 128_000_000) is not null
                : MediaSniffer.Read(path) == "video/mp4" && Mp4Structure.Read(path, new MediaHeader("video/mp4")) is not null;
            var complains = passes && !Decodes(path);
            var isNew = complains && (await decoding.CheckAsync(path, expected, path + ".changed", default)).Header is null;
            var (all, passed, complaints, added) = counts.GetValueOrDefault(kind);
            counts[kind] = (all + 1, passed + (passes ? 1 : 0), complaints + (complains ? 1 : 0), added + (isNew ? 1 : 0));
            Assert.False(passes && kind is ("cut" or "type"), $"{name}, {kind} {i}: passes");
            Assert.False(complains && (expected.Media is MediaType.Image || kind != "flip"), $"{name}, {kind} {i}: passes, and its decoder says that it is broken");
        }

        foreach (var (kind, (all, passed, complaints, added)) in counts)
        {
            output.WriteLine($"{name}, {kind}: of {all}, {passed} pass by their structure; a decoder complains about {complaints} of these, {added} were refused before");
        }
    }

    private static (string Kind, byte[] Bytes) Mutate(byte[] whole, MediaType media, Random random, int number)
    {
        var bytes = (byte[])whole.Clone();
        switch (number % 5)
        {
            case 0:
                return ("cut", whole[..random.Next(number % 10 == 0 ? whole.Length * 9 / 10 : 0, whole.Length)]);
            case 1:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return ("flip", bytes);
            case 2:
                for (var changes = random.Next(1, 12); changes > 0; changes--)
                {
                    bytes[random.Next(number % 2 == 0 ? Math.Min(1200, bytes.Length) : bytes.Length)] = (byte)random.Next(256);
                }

                return ("flip", bytes);
            case 3:
                // A part of the data that never arrived.
                var from = bytes.AsSpan().IndexOf("mdat"u8) is var data and > 0 ? random.Next(data + 4, bytes.Length) : random.Next(bytes.Length);
                bytes.AsSpan(from, Math.Min(random.Next(16, 4096), bytes.Length - from)).Clear();
                return ("hole", bytes);
            default:
                // Its own head before something else, or a part that is missing in the middle.
                var other = File.ReadAllBytes(media is MediaType.Image ? TestMedia.WebM : number % 2 == 0 ? TestMedia.Gif : TestMedia.M4a);
                var at = random.Next(16, whole.Length - 300);
                return number % 3 == 0 ? ("type", other)
                    : number % 3 == 1 ? ("head", [.. whole[..at], .. other])
                    : ("gap", [.. whole[..at], .. whole[(at + random.Next(1, 256))..]]);
        }
    }

    private static bool Decodes(string path)
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-xerror", "-err_detect", "explode", "-i", path, "-map", "0:v", "-f", "null", "-"]) { RedirectStandardError = true })!;
        var errors = ffmpeg.StandardError.ReadToEnd();
        ffmpeg.WaitForExit();
        return ffmpeg.ExitCode == 0 && errors.Length == 0;
    }
}
