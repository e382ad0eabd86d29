using System.Diagnostics;
using System.Globalization;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Admission.Inputs;

/// <summary>What one account's files cost is not paid by another account's tasks.</summary>
public sealed class InputLoadTests
{
    private const string Edit = """{"model":"happyhorse-video-edit","input":{"prompt":"in snow","video_url":"FILE"}}""";

    [Fact]
    public async Task Whoever_has_videos_probed_holds_up_nobodys_result()
    {
        using var scripts = new TemporaryDirectory();
        var flag = scripts.File("flag");

        // Asked about an input it hangs, as soon as the test says so.
        var ffprobe = Script(scripts, "ffprobe", $"""
            case "$*" in *packet=*) if [ -e "{flag}" ]; then exec sleep 600; fi;; esac
            exec ffprobe "$@"
            """);
        await using var server = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Artifacts:Ffprobe"] = ffprobe } });
        var (greedy, other) = (await server.Api.CreateCustomerAsync(), await server.Api.CreateCustomerAsync());
        var video = await server.Api.UploadAsync(greedy, TestLies.Clip(".mp4"), "video/mp4");
        var own = await server.Api.UploadAsync(other, TestMedia.Clip(4), "video/mp4");
        await File.WriteAllTextAsync(flag, "", TestContext.Current.CancellationToken);

        var waiting = Enumerable.Range(0, 6).Select(_ => EstimateAsync(server, greedy, video)).ToList();

        // A picture, and a film, whose result is probed too.
        await MakeAsync(server, other, new { model = "nano-banana-2-text-to-image", input = new { prompt = "a fox", resolution = "0.5K" } });
        await MakeAsync(server, other, new { model = "seedance-2-0-text-to-video", input = new { prompt = "a fox", duration = 4, resolution = "480p" } });
        Assert.Contains(waiting, static estimate => !estimate.IsCompleted);

        // The other account has a place for its own videos as well.
        File.Delete(flag);
        (await EstimateAsync(server, other, own)).Expect(200);
        foreach (var estimate in waiting)
        {
            var reply = await estimate;
            Assert.True(reply.Status is 200 or 503, reply.Text);
        }
    }

    [Fact]
    public async Task A_cancel_ends_the_conversion_of_a_photo()
    {
        using var scripts = new TemporaryDirectory();
        var started = scripts.File("started");
        var heif = Script(scripts, "heif-dec", $"""
            echo $$ > "{started}.new"; mv "{started}.new" "{started}"
            exec sleep 600
            """);
        await using var server = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Artifacts:HeifDecoder"] = heif } });
        var customer = await server.Api.CreateCustomerAsync();
        var id = (await server.Api.GenerateAsync(customer, Photo())).Expect(200).Data.GetProperty("id").GetString()!;
        await Until.HoldsAsync(() => File.Exists(started));
        var process = (await File.ReadAllTextAsync(started, TestContext.Current.CancellationToken)).Trim();

        (await server.Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}", customer.Key)).Expect(200);

        var task = await server.Api.WaitAsync(customer, id);
        Assert.Equal("CANCELLED", task.GetProperty("error").GetProperty("code").GetString());
        await Until.HoldsAsync(() => !Directory.Exists($"/proc/{process}"));
        Assert.Equal(1_000_000, await server.Api.CreditsAsync(customer));
    }

    [Fact]
    public async Task Test_mode_takes_the_photos_of_phones()
    {
        await using var server = await TestZoetrope.StartAsync();
        var customer = await server.Api.CreateCustomerAsync();

        await MakeAsync(server, customer, Photo());
    }

    [Fact, Trait("Category", "Nightly")]
    public async Task The_worst_videos_cost_another_accounts_picture_less_than_a_second()
    {
        await using var server = await TestZoetrope.StartAsync();
        var (greedy, other) = (await server.Api.CreateCustomerAsync(), await server.Api.CreateCustomerAsync());
        var picture = new { model = "nano-banana-2-text-to-image", input = new { prompt = "a fox", resolution = "0.5K" } };
        await MakeAsync(server, other, picture);
        var alone = await TimeAsync(server, other, picture);
        var path = TestMedia.NewPath(".mp4");
        await File.WriteAllBytesAsync(path, Worst, TestContext.Current.CancellationToken);
        var attack = Enumerable.Range(0, 12)
            .Select(_ => Assert.ThrowsAsync<InvalidOperationException>(() => server.Api.UploadAsync(greedy, path, "video/mp4"))).ToList();
        var times = new List<TimeSpan>();
        for (var i = 0; i < 5; i++)
        {
            times.Add(await TimeAsync(server, other, picture));
        }

        Assert.Contains(attack, static upload => !upload.IsCompleted);
        await Task.WhenAll(attack);
        Assert.True(times.Order().ElementAt(2) - alone < TimeSpan.FromSeconds(1), $"{string.Join(", ", times)} instead of {alone}");
    }

    private static byte[] Worst { get; } = TestSamples.Mp4(3_000_000);

    private static object Photo() => new
    {
        model = "nano-banana-2-image-to-image",
        input = new { prompt = "in snow", image_urls = new[] { "data:image/heic;base64," + Convert.ToBase64String(File.ReadAllBytes(TestHeic.Grid())) }, resolution = "0.5K" },
    };

    private static Task<Reply> EstimateAsync(TestZoetrope server, Customer customer, string video) =>
        server.Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, Edit.Replace("FILE", video, StringComparison.Ordinal));

    private static async Task<TimeSpan> TimeAsync(TestZoetrope server, Customer customer, object request)
    {
        var watch = Stopwatch.StartNew();
        await MakeAsync(server, customer, request);
        return watch.Elapsed;
    }

    private static async Task MakeAsync(TestZoetrope server, Customer customer, object request)
    {
        var id = (await server.Api.GenerateAsync(customer, request)).Expect(200).Data.GetProperty("id").GetString()!;
        var task = await server.Api.WaitAsync(customer, id);
        Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString());
    }

    private static string Script(TemporaryDirectory directory, string name, string lines)
    {
        var path = directory.File(string.Create(CultureInfo.InvariantCulture, $"{name}.sh"));
        File.WriteAllText(path, "#!/bin/sh\n" + lines + "\n");
        TestMedia.Run("chmod", "700", path);
        return path;
    }
}
