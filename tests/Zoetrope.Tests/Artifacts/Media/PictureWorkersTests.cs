using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Workers;

namespace Zoetrope.Tests.Artifacts.Media;

public sealed class PictureWorkersTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_worker_has_neither_keys_nor_network_nor_endless_memory()
    {
        Environment.SetEnvironmentVariable("ZOETROPE_TEST_SECRET", "canary");
        using var workers = Workers(static options => options.MediaProcessMegabytes = 900);
        await MeasureAsync(workers);

        var worker = $"/proc/{Assert.Single(workers.ProcessIds)}";
        Assert.DoesNotContain("canary", await File.ReadAllTextAsync(worker + "/environ"), StringComparison.Ordinal);
        var status = await File.ReadAllLinesAsync(worker + "/status");
        Assert.Contains("Seccomp:\t2", status);
        Assert.Contains("NoNewPrivs:\t1", status);
        var limits = await File.ReadAllTextAsync(worker + "/limits");
        Assert.Matches($@"Max data size\s+{900L << 20}\s", limits);
        Assert.Matches(@"Max core file size\s+0\s", limits);
        Assert.DoesNotContain("socket:", string.Join(' ', Directory.GetFiles(worker + "/fd").Select(static file =>
            new FileInfo(file).LinkTarget)));
    }

    [Fact]
    public async Task A_killed_worker_is_replaced_and_the_file_read_all_the_same()
    {
        using var workers = Workers();
        await MeasureAsync(workers);
        var first = Assert.Single(workers.ProcessIds);
        using (var process = Process.GetProcessById(first))
        {
            process.Kill();
        }

        await MeasureAsync(workers);
        Assert.NotEqual(first, Assert.Single(workers.ProcessIds));
    }

    [Fact]
    public async Task A_worker_ends_after_its_number_of_pictures()
    {
        using var workers = Workers(static options => options.PicturesPerWorker = 2);
        await MeasureAsync(workers);
        var first = Assert.Single(workers.ProcessIds);
        await MeasureAsync(workers);
        Assert.Empty(workers.ProcessIds);
        await MeasureAsync(workers);
        Assert.NotEqual(first, Assert.Single(workers.ProcessIds));
    }

    [Theory]
    [InlineData("exit 1", "cannot be read")]
    [InlineData("echo this is no frame", "cannot be read")]
    [InlineData("printf '\\5\\0\\0\\0{bad}'", "cannot be read")]
    [InlineData("sleep 60", "takes too long to read")]
    public async Task A_file_that_no_worker_survives_is_a_bad_file(string script, string fault)
    {
        using var workers = Workers(options => (options.PictureCommand, options.MediaProcessTimeout) = (["/bin/sh", "-c", script],
            TimeSpan.FromSeconds(2)));
        var watch = Stopwatch.StartNew();

        var answer = (await workers.RunAsync(new MeasurePicture(TestMedia.Png), null, CancellationToken.None)).Value;

        Assert.Equal(fault, answer.Fault);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task Nothing_is_written_outside_the_directory_for_results()
    {
        using var workers = Workers();
        var outside = Path.Combine(_directory.Path, "outside.jpg");

        var answer = (await workers.RunAsync(new ShrinkPicture(TestMedia.Png, outside, 64), null, CancellationToken.None)).Value;

        Assert.NotNull(answer.Fault);
        Assert.False(File.Exists(outside));
    }

    [Fact]
    public async Task A_full_queue_refuses_for_now_and_leaves_who_waits_alone()
    {
        using var leaving = new CancellationTokenSource();
        using var workers = Workers(static options => (options.PictureWorkers, options.PictureCommand, options.MediaProcessTimeout) = (1, ["/bin/sleep", "600"], TimeSpan.FromMinutes(10)));
        var job = new MeasurePicture(TestMedia.Png);
        var waiting = Enumerable.Range(0, 1001).Select(_ => workers.RunAsync(job, null, leaving.Token)).ToList();

        var refused = await workers.RunAsync(job, null, CancellationToken.None);

        Assert.Equal(Problems.Unavailable, refused.Problem?.Kind);
        Assert.All(waiting, static task => Assert.False(task.IsCompleted));
        await leaving.CancelAsync();
    }

    [Fact]
    public async Task Frames_of_any_length_arrive_whole_and_the_end_is_no_frame()
    {
        using var pipe = new MemoryStream();
        var large = new PictureAnswer(new string('é', 100_000));
        await Frames.WriteAsync(pipe, new PictureAnswer(null, 1, 2), PictureJson.Default.PictureAnswer, CancellationToken.None);
        await Frames.WriteAsync(pipe, large, PictureJson.Default.PictureAnswer, CancellationToken.None);
        pipe.Position = 0;

        Assert.Equal(new PictureAnswer(null, 1, 2), await Frames.ReadAsync(pipe, PictureJson.Default.PictureAnswer,
            CancellationToken.None));
        Assert.Equal(large, await Frames.ReadAsync(pipe, PictureJson.Default.PictureAnswer, CancellationToken.None));
        Assert.Null(await Frames.ReadAsync(pipe, PictureJson.Default.PictureAnswer, CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(() => Frames.ReadAsync(new MemoryStream(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK")),
            PictureJson.Default.PictureAnswer, CancellationToken.None));
    }

    private PictureWorkers Workers(Action<ArtifactOptions>? configure = null)
    {
        var options = new ArtifactOptions { DataDirectory = _directory.Path };
        configure?.Invoke(options);
        return new PictureWorkers(options, NullLogger<PictureWorkers>.Instance);
    }

    private static async Task MeasureAsync(PictureWorkers workers)
    {
        var answer = (await workers.RunAsync(new MeasurePicture(TestMedia.Png), null, CancellationToken.None)).Value;
        Assert.Equal((null, 320, 240), (answer.Fault, answer.Width, answer.Height));
    }
}
