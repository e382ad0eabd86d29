using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Zoetrope.Server;
using Zoetrope.Server.Admission.Inputs;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Tests.Artifacts;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Egress;

namespace Zoetrope.Tests.Admission.Inputs;

public sealed class InputResolverTests
{
    private const string Field = "input.image_urls[0]";

    [Fact]
    public async Task A_url_a_data_uri_and_an_upload_with_the_same_bytes_are_one_file()
    {
        await using var host = await ArtifactsHost.StartAsync();
        await using var server = await ServeAsync(host);
        var upload = await UploadAsync(host, TestMedia.Png, "image/png");
        var inputs = new[] { "http://cdn.example/png", DataUri(TestMedia.Png), upload, Convert.ToBase64String(File.ReadAllBytes(TestMedia.Png)) };
        var resolved = (await ResolveAsync(host, [.. inputs.Select(input => (input, InputKind.Image))])).Value;
        Assert.Equal(4, resolved.Count);
        Assert.Single(resolved.Select(input => input.Probe.Sha256).Distinct());
        Assert.Single(Directory.GetFiles(host.Files, "*", SearchOption.AllDirectories));
        Assert.Single(host.Network.Dialled); // the upload was read from the store
        var artifact = (await host.Get<ArtifactRecords>().FindAsync("acct_one", resolved[0].ArtifactId))!;
        Assert.Equal((ArtifactRole.Input, 320, 240, "image/png"), (artifact.Role, artifact.Probe.Width, artifact.Probe.Height, artifact.Probe.ContentType));
        Assert.Null(await host.Get<ArtifactRecords>().FindAsync("acct_two", resolved[0].ArtifactId));
        Assert.Equal(File.ReadAllBytes(TestMedia.Png), File.ReadAllBytes((await host.Get<StoredFiles>().LocalPathAsync(artifact.Key, default))!));
    }

    [Fact]
    public async Task A_result_of_this_account_can_be_the_next_input_and_nobody_elses()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var mine = host.Get<SignedUrls>().ForResult(await host.StoreAsync(TestMedia.Png));
        var theirs = host.Get<SignedUrls>().ForResult(await host.StoreAsync(TestMedia.Jpeg, "acct_two"));
        Assert.Null((await ResolveAsync(host, (mine.AbsoluteUri, InputKind.Image))).Problem);
        Assert.Equal(Problems.InvalidInput, (await ResolveAsync(host, (theirs.AbsoluteUri, InputKind.Image))).Problem?.Kind);
        Assert.Equal(Problems.InvalidInput, (await ResolveAsync(host, (mine.AbsoluteUri[..^1], InputKind.Image))).Problem?.Kind);
        var foreign = (await host.Get<Uploads>().CreateAsync("acct_two", KeyMode.Test, "image/png", null)).Value;
        await using var file = File.OpenRead(TestMedia.Png);
        await host.Get<Uploads>().ReceiveAsync(foreign.Key, "image/png", file, default);
        Assert.Equal(Problems.InvalidInput, (await ResolveAsync(host, (foreign.PublicUrl.AbsoluteUri, InputKind.Image))).Problem?.Kind);
        Assert.Empty(host.Network.Dialled);
    }

    [Theory]
    [InlineData("https://127.0.0.1/x.png"), InlineData("https://[::1]/x"), InlineData("https://inside.example/x"), InlineData("https://unknown.example/x")]
    [InlineData("file:///etc/passwd"), InlineData("/etc/passwd"), InlineData("https://user:pw@cdn.example/x"), InlineData("ftp://cdn.example/x"), InlineData("https://2130706433/x"), InlineData("gopher://x"), InlineData("")]
    public async Task A_url_that_may_not_be_fetched_names_the_field(string url)
    {
        await using var host = await ArtifactsHost.StartAsync();
        host.Network.Name("inside.example", "10.0.0.1");
        var problem = (await ResolveAsync(host, (url, InputKind.Image))).Problem!;
        Assert.Equal((Problems.UrlNotAllowed, Field), (problem.Kind, problem.Field));
        Assert.Empty(host.Network.Dialled);
    }

    [Theory]
    [InlineData("data:image/png;base64,!!!!"), InlineData("data:image/png,rawtext"), InlineData("data:image/svg+xml;base64,PHN2Zy8+"), InlineData("data:text/html;base64,PGh0bWw+"), InlineData("data:"), InlineData("data:image/png;base64,")]
    public async Task A_data_uri_that_is_no_image_is_refused(string uri)
    {
        await using var host = await ArtifactsHost.StartAsync();
        Assert.Equal(Problems.InvalidInput, (await ResolveAsync(host, (uri, InputKind.Image))).Problem?.Kind);
        Assert.Empty(Directory.GetFiles(Path.Combine(host.Options.DataDirectory, "tmp")));
    }

    [Fact]
    public async Task Base64_in_lines_is_read()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var path = TestMedia.Image(1201, 701);
        var noisy = TestMedia.Copy(path);
        var bytes = File.ReadAllBytes(path);
        var padding = new byte[200_001];
        new Random(1).NextBytes(padding);
        File.WriteAllBytes(noisy, [.. bytes, .. padding]);
        var lines = "data:image/png;base64," + Convert.ToBase64String(File.ReadAllBytes(noisy), Base64FormattingOptions.InsertLineBreaks);
        var resolved = (await ResolveAsync(host, (lines, InputKind.Image))).Value;
        Assert.Equal(await TemporaryFiles.HashAsync(noisy, default), resolved[0].Probe.Sha256);
    }

    [Theory]
    [InlineData(100, 250, null), InlineData(100, 251, "IMAGE_ASPECT_UNSUPPORTED"), InlineData(250, 100, null), InlineData(251, 100, "IMAGE_ASPECT_UNSUPPORTED")]
    [InlineData(8000, 4500, null), InlineData(8002, 4500, "IMAGE_TOO_LARGE"), InlineData(6000, 6000, null), InlineData(6002, 6000, "IMAGE_TOO_LARGE"), InlineData(6000, 6001, "IMAGE_TOO_LARGE")]
    public async Task Image_limits_hold_at_their_edges(int width, int height, string? code)
    {
        await using var host = await ArtifactsHost.StartAsync();
        var problem = (await ResolveAsync(host, (DataUri(TestMedia.Image(width, height)), InputKind.Image))).Problem;
        Assert.Equal(code, problem?.Kind.Code);
        if (code == "IMAGE_TOO_LARGE")
        {
            Assert.Contains("exceeds 36 MP", problem!.Message);
            Assert.DoesNotContain("is 36 MP", problem.Message);
            Assert.Contains("8000×4500", problem.Message);
            Assert.Equal($"{width}×{height}", problem.Given);
        }
    }

    [Fact]
    public async Task Byte_limits_hold_at_their_edges()
    {
        await using var host = await ArtifactsHost.StartAsync();
        await using var server = await ServeAsync(host);
        var size = new FileInfo(TestMedia.Png).Length;
        foreach (var input in new[] { "http://cdn.example/png", DataUri(TestMedia.Png) })
        {
            Assert.Null((await ResolveAsync(host, new InputLimits { MaxBytes = size }, (input, InputKind.Image))).Problem);
            var problem = (await ResolveAsync(host, new InputLimits { MaxBytes = size - 1 }, (input, InputKind.Image))).Problem!;
            Assert.Equal((Problems.ImageTooLarge, Field), (problem.Kind, problem.Field));
        }
    }

    [Fact]
    public async Task Lengths_types_and_kinds_are_checked()
    {
        await using var host = await ArtifactsHost.StartAsync();
        await using var server = await ServeAsync(host);
        var limits = new InputLimits { MinSeconds = 2, MaxSeconds = 4 };
        Assert.Null((await ResolveAsync(host, limits, ("http://cdn.example/4s", InputKind.Video))).Problem);
        Assert.Equal(Problems.InputTooLarge, (await ResolveAsync(host, limits, ("http://cdn.example/5s", InputKind.Video))).Problem?.Kind);
        Assert.Equal(Problems.InvalidInput, (await ResolveAsync(host, limits, ("http://cdn.example/1s", InputKind.Video))).Problem?.Kind);
        Assert.Null((await ResolveAsync(host, limits, ("http://cdn.example/mp3", InputKind.Audio))).Problem);
        Assert.Equal(Problems.InvalidInput, (await ResolveAsync(host, ("http://cdn.example/mp3", InputKind.Image))).Problem?.Kind);
        Assert.Equal(Problems.InvalidInput, (await ResolveAsync(host, ("http://cdn.example/png", InputKind.Video))).Problem?.Kind);
        Assert.Equal(Problems.InvalidInput, (await ResolveAsync(host, ("http://cdn.example/html", InputKind.Image))).Problem?.Kind);
        Assert.Equal(Problems.InvalidInput, (await ResolveAsync(host, ("http://cdn.example/missing", InputKind.Image))).Problem?.Kind);
        var onlyJpeg = new InputLimits { ContentTypes = ["image/jpeg"] };
        var wrong = (await ResolveAsync(host, onlyJpeg, ("http://cdn.example/png", InputKind.Image))).Problem!;
        Assert.Equal(("image/png", "image/jpeg"), (wrong.Given, wrong.Allowed));
        var video = (await ResolveAsync(host, (DataUri(TestMedia.Mp4), InputKind.Video))).Problem!;
        Assert.Equal(Problems.InvalidInput, video.Kind);
        Assert.True(video.Given!.Length < 130);
    }

    [Theory]
    [InlineData(60.0004, 0.0, 60.0, "lasts 60.001 s and may last at most 60 s"), InlineData(1.9996, 2.0, 60.0, "lasts 1.999 s and must last at least 2 s")]
    public void A_number_that_breaks_a_limit_is_not_shown_as_the_limit(double seconds, double min, double max, string words)
    {
        var header = new MediaHeader("video/mp4") { Width = 320, Height = 240, Codec = "h264", DurationSeconds = seconds };

        var problem = InputRules.Check(new InputReference("video_url", "video_url", InputKind.Video, "x"), new InputLimits { MinSeconds = min, MaxSeconds = max }, header, 1);

        Assert.Contains(words, problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_is_a_little_too_wide_is_not_said_to_be_as_wide_as_it_may()
    {
        var header = new MediaHeader("image/png").Sized(250_001, 100_000);

        var problem = InputRules.Check(new InputReference("image", "image", InputKind.Image, "x"), new InputLimits { MaxMegapixels = 1e6 }, header, 1);

        Assert.Contains("is 2.501 and must be between 0.4 and 2.5", problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recording_without_a_length_is_used()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var upload = await UploadAsync(host, TestLies.All["webm no Duration"](), "video/webm");

        var resolved = (await ResolveAsync(host, (upload, InputKind.Video))).Value;

        Assert.Equal(TestLies.Seconds, resolved[0].Probe.DurationSeconds!.Value, 0.1);
    }

    [Fact]
    public async Task Bombs_are_refused_at_once()
    {
        await using var host = await ArtifactsHost.StartAsync();
        await ResolveAsync(host, (DataUri(TestMedia.Png), InputKind.Image));
        var bomb = "data:image/png;base64," + Convert.ToBase64String(TestMedia.BombPng(50_000, 50_000));
        var watch = Stopwatch.StartNew();
        Assert.Equal(Problems.ImageTooLarge, (await ResolveAsync(host, (bomb, InputKind.Image))).Problem?.Kind);

        // Milliseconds on a quiet machine; to unpack it would take minutes, and ten gigabytes.
        Assert.True(watch.ElapsedMilliseconds < 20_000, $"{watch.ElapsedMilliseconds} ms");
    }

    private static async Task<LoopbackServer> ServeAsync(ArtifactsHost host)
    {
        var files = new Dictionary<string, string>
        {
            ["/png"] = TestMedia.Png, ["/mp3"] = TestMedia.Mp3, ["/1s"] = TestMedia.Clip(1), ["/4s"] = TestMedia.Clip(4), ["/5s"] = TestMedia.Clip(5),
        };
        var server = await LoopbackServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/html")
            {
                context.Response.ContentType = "image/png";
                await context.Response.WriteAsync("<html><script>alert(1)</script></html>");
            }
            else if (files.TryGetValue(context.Request.Path.Value!, out var path))
            {
                await context.Response.SendFileAsync(path);
            }
            else
            {
                context.Response.StatusCode = 404;
            }
        });
        host.Network.LoopbackPort = server.Port;
        host.Network.Name("cdn.example", FakeNetwork.PublicAddress);
        return server;
    }

    private static async Task<string> UploadAsync(ArtifactsHost host, string path, string type)
    {
        var ticket = (await host.Get<Uploads>().CreateAsync("acct_one", KeyMode.Test, type, null)).Value;
        using var put = await host.SendAsync(HttpMethod.Put, ticket.UploadUrl, request =>
        {
            request.Content = new ByteArrayContent(File.ReadAllBytes(path));
            request.Content.Headers.ContentType = new(type);
        });
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        return ticket.PublicUrl.AbsoluteUri;
    }

    private static string DataUri(string path) => "data:image/png;base64," + Convert.ToBase64String(File.ReadAllBytes(path));

    private static Task<Outcome<IReadOnlyList<ResolvedInput>>> ResolveAsync(ArtifactsHost host, params (string Text, InputKind Kind)[] inputs) =>
        ResolveAsync(host, new InputLimits(), inputs);

    // And stored, as for a request that is accepted.
    private static async Task<Outcome<IReadOnlyList<ResolvedInput>>> ResolveAsync(ArtifactsHost host, InputLimits limits, params (string Text, InputKind Kind)[] inputs)
    {
        var caller = new Caller("acct_one", "key_one", KeyMode.Test, new Plan("enterprise", null), Scopes.All, KeyLimits.None) { SpendsWith = "key_one" };
        var resolving = await host.Get<InputResolver>().ResolveAsync(
            caller,
            [.. inputs.Select((input, i) => (new InputReference("image_urls", $"input.image_urls[{i}]", input.Kind, input.Text), limits))],
            TestContext.Current.CancellationToken);
        if (resolving.Failed(out var problem, out var files))
        {
            return problem;
        }

        using (files)
        {
            if (await host.Get<InputStorage>().StoreAsync(caller, files, TestContext.Current.CancellationToken) is { } full)
            {
                return full;
            }

            await host.Get<ArtifactRecords>().InsertAsync(files.Artifacts);
            return files.Inputs.ToArray();
        }
    }
}
