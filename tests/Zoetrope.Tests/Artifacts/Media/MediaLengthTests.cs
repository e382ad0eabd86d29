using System.Diagnostics;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts.Media;

namespace Zoetrope.Tests.Artifacts.Media;

/// <summary>A header decides no price: the seconds that are billed are at least those that a decoder finds.</summary>
public sealed class MediaLengthTests
{
    public static TheoryData<string> Names => [.. TestLies.All.Keys];

    [Theory, MemberData(nameof(Names))]
    public async Task What_is_billed_is_no_less_than_what_is_decoded(string name)
    {
        var path = TestLies.All[name]();

        var header = (await TestProber.ReadAsync(path))!;

        var decoded = TestLies.Decoded(path);
        if (header.Fault is null)
        {
            // A decoder of sound ends with a whole frame of 23 ms, whatever the last one's length is.
            Assert.True(header.DurationSeconds >= decoded - 0.025, $"{name}: {header.DurationSeconds} s, decoded {decoded} s");
        }

        if (name.EndsWith("honest", StringComparison.Ordinal) || name.EndsWith("no Duration", StringComparison.Ordinal))
        {
            Assert.Null(header.Fault);
            Assert.Equal(TestLies.Seconds, header.DurationSeconds!.Value, 0.1);

            // Not a second more than a customer would say.
            Assert.Equal(TestLies.Seconds, Math.Ceiling(header.DurationSeconds.Value - 0.05));
        }
    }

    [Theory]
    [InlineData("mp4 mvhd mdhd tkhd, no edit list"), InlineData("mov mvhd mdhd tkhd, edit list of a second"), InlineData("mp4 headers long")]
    [InlineData("webm Duration"), InlineData("webm Duration long"), InlineData("mkv Duration")]
    public async Task A_file_that_contradicts_itself_is_refused_in_words(string name)
    {
        var header = (await TestProber.ReadAsync(TestLies.All[name]()))!;

        Assert.Matches(@"^says that it lasts [0-9.]+ s, but its content lasts [0-9.]+ s; write it anew", header.Fault);
    }

    [Fact]
    public async Task The_worst_video_costs_seconds_and_then_is_refused()
    {
        // As many samples as the file has bytes, each of one byte.
        var path = TestMedia.NewPath(".mp4");
        await File.WriteAllBytesAsync(path, TestSamples.Mp4(3_000_000));
        var watch = Stopwatch.StartNew();

        var probed = await TestProber.Shared.ProbeAsync(path, "acct_test", TestContext.Current.CancellationToken);

        // The processor time ends it as the file's fault; on a busy machine the wall clock does so first, as the server's.
        Assert.True(probed.Failed(out var problem, out var header) ? problem.Kind == Problems.Unavailable : header?.Fault is not null);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed}");
    }
}
