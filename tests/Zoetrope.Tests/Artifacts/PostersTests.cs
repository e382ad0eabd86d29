using System.Net;
using SkiaSharp;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Tests.Artifacts.Media;

namespace Zoetrope.Tests.Artifacts;

public sealed class PostersTests
{
    public static TheoryData<string> Results => [nameof(TestMedia.Png), nameof(TestMedia.Jpeg), nameof(TestMedia.WebP), nameof(TestMedia.Mp4), nameof(TestMedia.HevcMp4), nameof(TestMedia.WebM)];

    [Theory, MemberData(nameof(Results))]
    public async Task A_poster_is_drawn_when_it_is_first_asked_for_and_then_kept(string name)
    {
        await using var host = await ArtifactsHost.StartAsync();
        var (_, poster) = await StoreAsync(host, (string)typeof(TestMedia).GetProperty(name)!.GetValue(null)!);
        Assert.Single(FilesOf(host));

        // All at once, as a page does that shows it twice.
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.SendAsync(HttpMethod.Get, host.Get<SignedUrls>().ForResult(poster))));

        Assert.All(answers, static answer => Assert.Equal((HttpStatusCode.OK, "image/jpeg"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType)));
        var bytes = await answers[0].Content.ReadAsByteArrayAsync();
        Assert.All(await Task.WhenAll(answers.Select(static answer => answer.Content.ReadAsByteArrayAsync())), other => Assert.Equal(bytes, other));
        using var picture = SKBitmap.Decode(bytes);
        Assert.True(picture is { Width: > 0 and <= Posters.Side, Height: > 0 and <= Posters.Side });
        var kept = (await host.Get<ArtifactRecords>().FindAsync(poster.AccountId, poster.Id))!;
        Assert.Equal((bytes.Length, picture.Width, picture.Height, false), (kept.Probe.Bytes, kept.Probe.Width, kept.Probe.Height, kept.IsUndrawn));
        Assert.Equal(2, FilesOf(host).Length);
        Assert.Equal(kept, await host.Get<Posters>().DrawnAsync(kept, default));
        Assert.Empty(Directory.GetFiles(Path.Combine(host.Options.DataDirectory, "tmp", "results")));
    }

    [Fact]
    public async Task The_head_of_a_poster_says_its_length_and_a_deleted_one_is_gone()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var (result, poster) = await StoreAsync(host, TestMedia.Png);
        var (other, ofOther) = await StoreAsync(host, TestMedia.Image(64, 48));
        var url = host.Get<SignedUrls>().ForResult(poster);
        using (var head = await host.SendAsync(HttpMethod.Head, url))
        {
            Assert.True(head.Content.Headers.ContentLength > 100);
        }

        // As a customer does it, drawn or not.
        foreach (var (one, its) in new[] { (result, poster), (other, ofOther) })
        {
            await host.Get<ArtifactRecords>().DeleteAsync(one.AccountId, one.Id);
            await host.Get<ArtifactRecords>().DeleteAsync(its.AccountId, its.Id);
            using var gone = await host.SendAsync(HttpMethod.Get, host.Get<SignedUrls>().ForResult(its));
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
            Assert.Null(await host.Get<Posters>().DrawnAsync(its, default));
        }
    }

    [Fact]
    public async Task A_poster_whose_result_is_gone_or_has_no_frame_is_not_found()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var (result, poster) = await StoreAsync(host, TestMedia.Png);
        await host.Get<ArtifactRecords>().DeleteAsync(result.AccountId, result.Id);
        using (var gone = await host.SendAsync(HttpMethod.Get, host.Get<SignedUrls>().ForResult(poster)))
        {
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        }

        // A file that became unreadable after it was checked.
        var (broken, ofBroken) = await StoreAsync(host, TestMedia.Mp4);
        var path = (await host.Get<StoredFiles>().LocalPathAsync(broken.Key, default))!;
        await File.WriteAllBytesAsync(path, new byte[1000]);
        using var none = await host.SendAsync(HttpMethod.Get, host.Get<SignedUrls>().ForResult(ofBroken));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Null(await host.Get<Thumbnails>().OfPosterAsync(ofBroken.AccountId, ofBroken.Id, default));
    }

    [Fact]
    public async Task Poster_and_thumbnail_of_a_transparent_result_are_on_white()
    {
        await using var host = await ArtifactsHost.StartAsync();
        foreach (var format in (SKEncodedImageFormat[])[SKEncodedImageFormat.Png, SKEncodedImageFormat.Webp])
        {
            var path = TestMedia.NewPath(format == SKEncodedImageFormat.Png ? ".png" : ".webp");
            using (var clear = new SKBitmap(320, 240, SKColorType.Rgba8888, SKAlphaType.Unpremul))
            {
                clear.Erase(new SKColor(0, 0, 0, 0));
                using var encoded = clear.Encode(format, 100);
                await File.WriteAllBytesAsync(path, encoded.ToArray());
            }

            var (_, poster) = await StoreAsync(host, path);

            foreach (var bytes in new[]
            {
                (await host.Get<Thumbnails>().OfPosterAsync(poster.AccountId, poster.Id, default))!,
                await (await host.SendAsync(HttpMethod.Get, host.Get<SignedUrls>().ForResult(poster))).Content.ReadAsByteArrayAsync(),
            })
            {
                using var picture = SKBitmap.Decode(bytes);
                Assert.True(picture.GetPixel(picture.Width / 2, picture.Height / 2) is { Red: > 245, Green: > 245, Blue: > 245 }, $"{format}");
            }
        }
    }

    [Fact]
    public async Task A_poster_that_is_asked_for_as_an_input_is_drawn_first()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var (_, poster) = await StoreAsync(host, TestMedia.Mp4);

        var found = (await host.Get<OwnFiles>().FindAsync(poster.AccountId, host.Get<SignedUrls>().ForResult(poster).AbsoluteUri, default)).Value!;

        Assert.False(found.IsUndrawn);
        Assert.NotNull(await host.Get<StoredFiles>().LocalPathAsync(found.Key, default));
    }

    private static async Task<(Artifact Result, Artifact Poster)> StoreAsync(ArtifactsHost host, string path)
    {
        var result = await host.StoreAsync(path);
        var poster = host.Get<ArtifactRecords>().NewPoster(result);
        await host.Get<ArtifactRecords>().InsertAsync([poster]);
        return (result, poster);
    }

    private static string[] FilesOf(ArtifactsHost host) => Directory.GetFiles(host.Files, "*", SearchOption.AllDirectories);
}
