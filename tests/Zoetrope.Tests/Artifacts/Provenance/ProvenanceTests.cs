using System.Text;
using MetadataExtractor.Formats.Xmp;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Artifacts.Provenance;
using Zoetrope.Tests.Artifacts.Media;

namespace Zoetrope.Tests.Artifacts.Provenance;

public sealed class ProvenanceTests
{
    private const string Property = "Iptc4xmpExt:DigitalSourceType";

    [Theory]
    [InlineData(nameof(TestMedia.Png), true), InlineData(nameof(TestMedia.Jpeg), true), InlineData(nameof(TestMedia.WebP), true), InlineData(nameof(TestMedia.LosslessWebP), true)]
    [InlineData(nameof(TestMedia.Png), false), InlineData(nameof(TestMedia.Jpeg), false), InlineData(nameof(TestMedia.WebP), false)]
    public async Task Images_say_how_they_were_made_and_keep_their_pixels(string name, bool isSandbox)
    {
        var original = (string)typeof(TestMedia).GetProperty(name)!.GetValue(null)!;
        var path = TestMedia.Copy(original);
        var before = (await TestProber.ReadAsync(path))!;
        var result = await ProvenanceLabel.ApplyAsync(path, before.ContentType, isSandbox, TestContext.Current.CancellationToken);
        Assert.Equal(new ProvenanceResult(true, false), result);
        Assert.Equal(before, await TestProber.ReadAsync(path));
        Assert.Equal(TestMedia.Decoded(original), TestMedia.Decoded(path));
        var xmp = Xmp(path);
        Assert.EndsWith(isSandbox ? "/algorithmicMedia" : "/trainedAlgorithmicMedia", xmp[Property]);
        Assert.Equal("Zoetrope", xmp["xmp:CreatorTool"]);
        Assert.Equal(isSandbox, xmp.ContainsKey("xmp:Label"));

        // A second pass finds the label and changes nothing.
        var bytes = File.ReadAllBytes(path);
        Assert.True((await ProvenanceLabel.ApplyAsync(path, before.ContentType, isSandbox, TestContext.Current.CancellationToken)).Labelled);
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData(nameof(TestMedia.Mp4)), InlineData(nameof(TestMedia.PlainMp4)), InlineData(nameof(TestMedia.FragmentedMp4)), InlineData(nameof(TestMedia.Mov))]
    public async Task Videos_are_labelled_behind_their_data(string name)
    {
        var original = (string)typeof(TestMedia).GetProperty(name)!.GetValue(null)!;
        var path = TestMedia.Copy(original);
        var type = MediaSniffer.Read(path)!;
        Assert.True((await ProvenanceLabel.ApplyAsync(path, type, isSandbox: false, TestContext.Current.CancellationToken)).Labelled);
        Assert.Contains("trainedAlgorithmicMedia", Encoding.UTF8.GetString(File.ReadAllBytes(path)));
        Assert.Equal(TestMedia.Decoded(original), TestMedia.Decoded(path));
        Assert.Equal(Boxes(original), Boxes(path).Where(box => box != "uuid"));
        Assert.Contains("\"duration\"", TestMedia.Run("ffprobe", "-v", "error", "-of", "json", "-show_format", path));
        var bytes = File.ReadAllBytes(path);
        await ProvenanceLabel.ApplyAsync(path, type, isSandbox: false, TestContext.Current.CancellationToken);
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData(nameof(TestMedia.Png)), InlineData(nameof(TestMedia.Jpeg)), InlineData(nameof(TestMedia.WebP))]
    public async Task A_vendors_own_packet_is_kept_and_completed(string name)
    {
        // Label, then take our property out again: what remains is a packet somebody else could have written.
        var path = TestMedia.Copy((string)typeof(TestMedia).GetProperty(name)!.GetValue(null)!);
        var type = MediaSniffer.Read(path)!;
        await ProvenanceLabel.ApplyAsync(path, type, isSandbox: true, TestContext.Current.CancellationToken);
        var bytes = File.ReadAllBytes(path);
        Replace(bytes, "Iptc4xmpExt:DigitalSourceType>", "Iptc4xmpExt:VendorsOwnThingXX>");
        Replace(bytes, ">Zoetrope</", ">VendorXX</");
        File.WriteAllBytes(path, bytes);
        Assert.True((await ProvenanceLabel.ApplyAsync(path, type, isSandbox: false, TestContext.Current.CancellationToken)).Labelled);
        var xmp = Xmp(path);
        Assert.EndsWith("/trainedAlgorithmicMedia", xmp[Property]);
        Assert.EndsWith("/algorithmicMedia", xmp["Iptc4xmpExt:VendorsOwnThingXX"]);
        Assert.Equal("VendorXX", xmp["xmp:CreatorTool"]);
        if (type != "image/png")
        {
            TestMedia.Decoded(path); // the PNG's chunk checksum was broken by this test, not by us
        }
    }

    [Fact]
    public async Task Content_credentials_are_left_untouched()
    {
        var png = File.ReadAllBytes(TestMedia.Png).ToList();
        png.InsertRange(33, [0, 0, 0, 4, .. "caBX"u8, 1, 2, 3, 4, 0, 0, 0, 0]);
        var jpeg = File.ReadAllBytes(TestMedia.Jpeg).ToList();
        jpeg.InsertRange(2, [0xff, 0xeb, 0, 12, .. "JP"u8, 0, 1, 0, 0, 0, 1, 0, 0]);
        var mp4 = File.ReadAllBytes(TestMedia.Mp4).ToList();
        mp4.AddRange([0, 0, 0, 28, .. "uuid"u8, .. Convert.FromHexString("D8FEC3D61B0E483C92975828877EC481"), 0, 0, 0, 0]);
        foreach (var (bytes, type) in new[] { (png, "image/png"), (jpeg, "image/jpeg"), (mp4, "video/mp4") })
        {
            var path = TestMedia.Copy(TestMedia.Png);
            File.WriteAllBytes(path, [.. bytes]);
            Assert.Equal(new ProvenanceResult(false, true), await ProvenanceLabel.ApplyAsync(path, type, isSandbox: false, TestContext.Current.CancellationToken));
            Assert.Equal(bytes, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public async Task Hostile_files_are_labelled_or_left_but_never_thrown_at_us()
    {
        var random = new Random(7);
        foreach (var original in new[] { TestMedia.Png, TestMedia.Jpeg, TestMedia.WebP, TestMedia.Mp4 })
        {
            var type = MediaSniffer.Read(original)!;
            var path = TestMedia.Copy(original);
            for (var i = 0; i < 100; i++)
            {
                var bytes = File.ReadAllBytes(original);
                for (var m = 0; m < 8; m++)
                {
                    bytes[random.Next(Math.Min(bytes.Length, 2000))] = (byte)random.Next(256);
                }

                File.WriteAllBytes(path, i % 2 == 0 ? bytes : bytes[..random.Next(bytes.Length)]);
                await ProvenanceLabel.ApplyAsync(path, type, isSandbox: false, TestContext.Current.CancellationToken);
            }
        }
    }

    private static Dictionary<string, string> Xmp(string path) =>
        MetadataExtractor.ImageMetadataReader.ReadMetadata(path).OfType<XmpDirectory>()
            .SelectMany(directory => directory.GetXmpProperties())
            .ToDictionary(property => property.Key, property => property.Value);

    private static List<string> Boxes(string path)
    {
        using var file = File.OpenRead(path);
        return [.. IsoMedia.TopLevel(new HeaderReader(file)).Select(box => box.Type)];
    }

    private static void Replace(byte[] bytes, string from, string to)
    {
        var old = Encoding.ASCII.GetBytes(from);
        for (var at = bytes.AsSpan().IndexOf(old); at >= 0; at = bytes.AsSpan().IndexOf(old))
        {
            Encoding.ASCII.GetBytes(to).CopyTo(bytes, at);
        }
    }
}
