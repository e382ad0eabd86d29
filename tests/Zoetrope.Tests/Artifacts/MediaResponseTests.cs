using System.Net;
using System.Net.Http.Headers;
using Zoetrope.Server.Artifacts;
using Zoetrope.Tests.Artifacts.Media;

namespace Zoetrope.Tests.Artifacts;

public sealed class MediaResponseTests
{
    [Fact]
    public async Task Every_answer_carries_the_safe_headers()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var artifact = await host.StoreAsync(TestMedia.Png);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            using var response = await host.SendAsync(method, host.Get<SignedUrls>().ForArtifact(artifact, "my \"cat\"\r\n../x"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("image/png", response.Content.Headers.ContentType!.ToString());
            Assert.Equal(artifact.Probe.Bytes, response.Content.Headers.ContentLength);
            Assert.Equal("inline; filename=\"mycat..x.png\"", response.Content.Headers.ContentDisposition!.ToString());
            Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
            Assert.Equal("default-src 'none'; sandbox", Header(response, "Content-Security-Policy"));
            Assert.Equal("cross-origin", Header(response, "Cross-Origin-Resource-Policy"));
            Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
            Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
            Assert.Equal($"\"{artifact.Probe.Sha256}\"", response.Headers.ETag!.Tag);
        }

        using var download = await host.SendAsync(HttpMethod.Get, host.Get<SignedUrls>().ForArtifact(artifact, attachment: true));
        Assert.Equal("attachment", download.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Theory]
    [InlineData("bytes=0-0", 206, 0, 1), InlineData("bytes=5-9", 206, 5, 5), InlineData("bytes=100-", 206, 100, -1), InlineData("bytes=-7", 206, -7, 7)]
    [InlineData("bytes=0-99999999", 200, 0, -1), InlineData("bytes=99999999-", 416, 0, 0), InlineData("bytes=-0", 416, 0, 0)]
    [InlineData("bytes=0-1,5-6", 200, 0, -1), InlineData("lines=0-1", 200, 0, -1)]
    public async Task Ranges_are_served(string range, int status, int from, int count)
    {
        await using var host = await ArtifactsHost.StartAsync();
        var url = host.Get<SignedUrls>().ForArtifact(await host.StoreAsync(TestMedia.Png));
        var all = File.ReadAllBytes(TestMedia.Png);
        using var response = await host.SendAsync(HttpMethod.Get, url, request => request.Headers.TryAddWithoutValidation("Range", range));
        Assert.Equal(status, (int)response.StatusCode);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        from = from < 0 ? all.Length + from : from;
        Assert.Equal(status == 416 ? [] : all.AsSpan(from, count < 0 ? all.Length - from : count).ToArray(), body);
        Assert.Equal(status is 206 or 416, response.Content.Headers.ContentRange is not null);
    }

    [Fact]
    public async Task Validators_spare_the_body()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var artifact = await host.StoreAsync(TestMedia.Png);
        var url = host.Get<SignedUrls>().ForArtifact(artifact);
        var tag = new EntityTagHeaderValue($"\"{artifact.Probe.Sha256}\"");
        using var same = await host.SendAsync(HttpMethod.Get, url, request => request.Headers.IfNoneMatch.Add(tag));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        using var other = await host.SendAsync(HttpMethod.Get, url, request => request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"x\"")));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        using var stale = await host.SendAsync(HttpMethod.Get, url, request =>
        {
            request.Headers.Range = new RangeHeaderValue(0, 1);
            request.Headers.IfRange = new RangeConditionHeaderValue(new EntityTagHeaderValue("\"x\""));
        });
        Assert.Equal(HttpStatusCode.OK, stale.StatusCode);
        using var fresh = await host.SendAsync(HttpMethod.Get, url, request =>
        {
            request.Headers.Range = new RangeHeaderValue(0, 1);
            request.Headers.IfRange = new RangeConditionHeaderValue(tag);
        });
        Assert.Equal(HttpStatusCode.PartialContent, fresh.StatusCode);
    }

    [Fact]
    public async Task Lost_bytes_are_not_found_not_an_error()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var artifact = await host.StoreAsync(TestMedia.Png);
        Directory.Delete(host.Files, recursive: true);
        using var response = await host.SendAsync(HttpMethod.Get, host.Get<SignedUrls>().ForArtifact(artifact));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));
}
