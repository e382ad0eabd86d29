using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Zoetrope.Server.Artifacts;
using Zoetrope.Tests.Artifacts.Media;

namespace Zoetrope.Tests.Artifacts;

public sealed class UploadTests
{
    [Fact]
    public async Task An_upload_is_asked_for_put_and_read()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var ticket = await AskAsync(host, """{"contentType":"image/png"}""");
        using var early = await host.SendAsync(HttpMethod.Get, ticket.PublicUrl);
        Assert.Equal(HttpStatusCode.NotFound, early.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(host, ticket, TestMedia.Png, "image/png")).StatusCode);
        using var file = await host.SendAsync(HttpMethod.Get, ticket.PublicUrl);
        Assert.Equal(File.ReadAllBytes(TestMedia.Png), await file.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal("image/png", file.Content.Headers.ContentType!.ToString());
        Assert.Equal("default-src 'none'; sandbox", file.Headers.GetValues("Content-Security-Policy").Single());

        // The same bytes again are fine, others are not.
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(host, ticket, TestMedia.Png, "image/png")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await PutAsync(host, ticket, TestMedia.Image(64, 64), "image/png")).StatusCode);
        host.Time.Advance(TimeSpan.FromDays(6.9));
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Head, ticket.PublicUrl)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(host, ticket, TestMedia.Png, "image/png")).StatusCode);
        host.Time.Advance(TimeSpan.FromDays(0.2));
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Head, ticket.PublicUrl)).StatusCode);
    }

    [Fact]
    public async Task An_upload_survives_a_restart()
    {
        var data = Path.Combine(Path.GetTempPath(), "zoetrope-restart-" + Guid.NewGuid().ToString("n"));
        UploadTicket ticket;
        await using (var first = await ArtifactsHost.StartAsync(dataDirectory: data, keepData: true))
        {
            ticket = await AskAsync(first, """{"contentType":"image/jpeg"}""");
        }

        await using var second = await ArtifactsHost.StartAsync(dataDirectory: data);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(second, ticket, TestMedia.Jpeg, "image/jpeg")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await second.SendAsync(HttpMethod.Head, ticket.PublicUrl)).StatusCode);
    }

    [Theory]
    [InlineData("""{}""", "MISSING_PARAMETER"), InlineData("""{"contentType":7}""", "MISSING_PARAMETER"), InlineData("""[]""", "INVALID_JSON"), InlineData("""{"contentType":""", "INVALID_JSON")]
    [InlineData("""{"contentType":"image/svg+xml"}""", "INVALID_PARAMETER"), InlineData("""{"contentType":"image/svg+xml; x"}""", "INVALID_PARAMETER"), InlineData("""{"contentType":"text/html"}""", "INVALID_PARAMETER")]
    [InlineData("""{"contentType":"image/png","sizeBytes":20971521}""", "INPUT_TOO_LARGE"), InlineData("""{"contentType":"video/mp4","sizeBytes":104857601}""", "INPUT_TOO_LARGE")]
    [InlineData("""{"contentType":"audio/wav","sizeBytes":20971521}""", "INPUT_TOO_LARGE"), InlineData("""{"contentType":"image/png","sizeBytes":0}""", "INVALID_PARAMETER")]
    [InlineData("""{"contentType":"image/png","sizeBytes":-5}""", "INVALID_PARAMETER"), InlineData("""{"contentType":"image/png","sizeBytes":"5"}""", "INVALID_PARAMETER"), InlineData("""{"contentType":"image/png","sizeBytes":1.5}""", "INVALID_PARAMETER")]
    public async Task What_cannot_be_uploaded_is_refused_with_a_code(string body, string code)
    {
        await using var host = await ArtifactsHost.StartAsync();
        using var response = await host.Http.PostAsync("/api/v1/upload", new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Contains($"\"{code}\"", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("image/jpg", nameof(TestMedia.Jpeg), "image/jpeg"), InlineData("IMAGE/PNG", nameof(TestMedia.Png), "image/png"), InlineData("Image/Jpg", nameof(TestMedia.Jpeg), "image/jpeg")]
    [InlineData("video/x-matroska", nameof(TestMedia.Mkv), "video/x-matroska"), InlineData("video/matroska", nameof(TestMedia.Mkv), "video/x-matroska")]
    [InlineData("video/webm;codecs=vp8", nameof(TestMedia.WebM), "video/webm")]
    [InlineData("audio/mp4", nameof(TestMedia.M4a), "audio/mp4"), InlineData("audio/x-m4a", nameof(TestMedia.M4a), "audio/mp4"), InlineData("audio/aac", nameof(TestMedia.Aac), "audio/aac")]
    [InlineData("audio/ogg", nameof(TestMedia.Ogg), "audio/ogg"), InlineData("audio/mp3", nameof(TestMedia.Mp3), "audio/mpeg"), InlineData("audio/x-wav", nameof(TestMedia.Wav), "audio/wav")]
    public async Task A_type_goes_by_any_of_its_names(string name, string file, string type)
    {
        await using var host = await ArtifactsHost.StartAsync();
        var path = (string)typeof(TestMedia).GetProperty(file)!.GetValue(null)!;
        var ticket = await AskAsync(host, JsonSerializer.Serialize(new { contentType = name }));

        Assert.Equal(HttpStatusCode.OK, (await PutAsync(host, ticket, path, name)).StatusCode);

        using var read = await host.SendAsync(HttpMethod.Get, ticket.PublicUrl);
        Assert.Equal(type, read.Content.Headers.ContentType!.ToString());

        // The name that it was asked for, or the type that is meant.
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(host, ticket, path, type)).StatusCode);
    }

    [Fact]
    public async Task A_file_that_no_request_could_use_is_refused_when_it_is_uploaded()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var ticket = await AskAsync(host, """{"contentType":"video/mp4"}""");

        using var put = await PutAsync(host, ticket, TestLies.All["mp4 mvhd mdhd tkhd, no edit list"](), "video/mp4");

        Assert.Equal(HttpStatusCode.BadRequest, put.StatusCode);
        Assert.Contains("says that it lasts 1 s, but its content lasts 8", await put.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_largest_sizes_are_allowed()
    {
        await using var host = await ArtifactsHost.StartAsync();
        await AskAsync(host, """{"contentType":"image/png","sizeBytes":20971520}""");
        await AskAsync(host, """{"contentType":"video/quicktime","sizeBytes":104857600}""");
        await AskAsync(host, """{"contentType":"audio/mpeg","sizeBytes":20971520}""");
    }

    [Fact]
    public async Task Bytes_that_are_not_what_was_signed_are_refused()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var png = await AskAsync(host, """{"contentType":"image/png"}""");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PutAsync(host, png, TestMedia.Png, "image/jpeg")).StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PutAsync(host, png, TestMedia.Png, "image/png; charset=x")).StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PutAsync(host, png, TestMedia.Png, null)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync(host, png, TestMedia.Jpeg, "image/png")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync(host, png, TestMedia.Mp4, "image/png")).StatusCode);
        var html = TestMedia.Copy(TestMedia.Png);
        File.WriteAllText(html, "<html><script>alert(1)</script></html>");
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync(host, png, html, "image/png")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Get, png.PublicUrl)).StatusCode);
        Assert.False(Directory.Exists(host.Files) && Directory.EnumerateFiles(host.Files, "*", SearchOption.AllDirectories).Any());
        Assert.Empty(Directory.GetFiles(Path.Combine(host.Options.DataDirectory, "tmp")));
    }

    [Fact]
    public async Task The_cap_is_counted_while_streaming()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var size = new FileInfo(TestMedia.Png).Length;
        var exact = await AskAsync(host, $$"""{"contentType":"image/png","sizeBytes":{{size}}}""");
        var small = await AskAsync(host, $$"""{"contentType":"image/png","sizeBytes":{{size - 1}}}""");
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(host, exact, TestMedia.Png, "image/png")).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PutAsync(host, small, TestMedia.Png, "image/png")).StatusCode);
    }

    [Fact]
    public async Task Upload_urls_cannot_be_changed()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var one = await AskAsync(host, """{"contentType":"image/png"}""");
        var two = await AskAsync(host, """{"contentType":"image/png"}""");
        var url = one.UploadUrl.PathAndQuery;
        string[] attacks = [url.Replace(one.Key, two.Key), url.Replace("exp=1", "exp=2"), url[..^1] + (url[^1] == 'A' ? 'B' : 'A'), url.Split("&sig")[0], url.Replace("/uploads/", "/uploads/..%2f")];
        foreach (var attack in attacks)
        {
            using var response = await host.SendAsync(HttpMethod.Put, attack, request => request.Content = Body(TestMedia.Png, "image/png"));
            Assert.Contains(response.StatusCode, new[] { HttpStatusCode.Forbidden, HttpStatusCode.NotFound });
        }

        using var read = await host.SendAsync(HttpMethod.Get, url.Replace("/uploads/", "/files/"));
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
        using var preflight = await host.SendAsync(HttpMethod.Options, url);
        Assert.Equal("*", preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    private static async Task<UploadTicket> AskAsync(ArtifactsHost host, string body)
    {
        using var response = await host.Http.PostAsync("/api/v1/upload", new StringContent(body, Encoding.UTF8, "application/json"));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<UploadTicket>(text, JsonSerializerOptions.Web)!;
    }

    private static Task<HttpResponseMessage> PutAsync(ArtifactsHost host, UploadTicket ticket, string path, string? contentType) =>
        host.SendAsync(HttpMethod.Put, ticket.UploadUrl, request => request.Content = Body(path, contentType));

    private static ByteArrayContent Body(string path, string? contentType)
    {
        var content = new ByteArrayContent(File.ReadAllBytes(path));
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return content;
    }
}
