using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Hosting;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Artifacts.S3;

/// <summary>The real server on a bucket, from the request to the deletion of its files.</summary>
public sealed class BucketServerTests : IAsyncLifetime
{
    private static readonly HttpClient Outside = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private FakeS3 _fake = null!;

    public async ValueTask InitializeAsync() => _fake = await FakeS3.StartAsync();

    public async ValueTask DisposeAsync() => await _fake.DisposeAsync();

    [Fact]
    public async Task A_task_its_inputs_its_results_and_their_end_are_objects_that_two_nodes_share()
    {
        var clock = new MovedClock();
        var wanted = new TestServer { Database = SqlDialect.Postgres, Time = clock, Settings = _fake.Settings(("Artifacts:RetentionDays", "30")) };
        await using var one = await TestZoetrope.StartAsync(wanted);
        await using var two = await TestZoetrope.StartAsync(wanted with { Postgres = one.Postgres });
        var customer = await one.Api.CreateCustomerAsync();
        var picture = await one.Api.UploadAsync(customer, TestMedia.Png, "image/png");
        var upload = new Uri(picture).AbsolutePath;
        Assert.Equal(await File.ReadAllBytesAsync(TestMedia.Png, TestContext.Current.CancellationToken), await two.Api.DownloadAsync(upload));

        var made = await DoneAsync(one, customer, "/api/v1/generate", new { model = "flux-2-pro-image-to-image", input = new { prompt = "A harbour", image_urls = new[] { picture } } });
        var larger = await DoneAsync(one, customer, "/api/v1/tools/upscale-image", new { image_url = picture, upscale_factor = "2" });
        foreach (var task in new[] { made, larger })
        {
            var id = task.GetProperty("id").GetString();
            var here = await BytesAsync(one, customer, $"/api/v1/tasks/{id}/download?mode=proxy");
            var there = await BytesAsync(two, customer, $"/api/v1/tasks/{id}/download?mode=proxy");
            Assert.True(here.Length > 1000);
            Assert.Equal(here, there);
            Assert.Contains(_fake.Objects, stored => stored.Value.AsSpan().SequenceEqual(here));
            Assert.Equal(here[10..100], await BytesAsync(two, customer, $"/api/v1/tasks/{id}/download?mode=proxy", new RangeHeaderValue(10, 99)));
        }

        // No poster is drawn before somebody asks for it; two nodes that are asked at once keep one.
        Assert.Equal(3 + 2, _fake.Objects.Count);
        foreach (var task in new[] { made, larger })
        {
            var poster = new Uri(task.GetProperty("result").GetProperty("posterUrl").GetString()!).PathAndQuery;
            var drawn = await Task.WhenAll(one.Api.DownloadAsync(poster), two.Api.DownloadAsync(poster));
            Assert.Equal(drawn[0], drawn[1]);
            Assert.Contains(_fake.Objects, stored => stored.Value.AsSpan().SequenceEqual(drawn[0]));
        }

        // Input, result and its poster, result and its poster: the upload is an input too, and none is on a disk. What the sandbox drew
        // is there until it forgets the jobs.
        Assert.Equal(5 + 2, _fake.Objects.Count);
        Assert.Empty(Directory.Exists(Path.Combine(one.DataDirectory, "artifacts")) ? Directory.GetFiles(Path.Combine(one.DataDirectory, "artifacts"), "*", SearchOption.AllDirectories) : []);
        // Of a poster whose bytes the other node has stored already.
        Assert.All(_fake.Refused, static refusal => Assert.Equal("PreconditionFailed", refusal));

        clock.Advance(TimeSpan.FromDays(31));
        var swept = 0;
        await Until.HoldsAsync(async () =>
        {
            swept += (await Task.WhenAll(new[] { one, two }.Select(node => node.Services.GetRequiredService<ArtifactSweep>().RunAsync(default)))).Sum();
            return _fake.Objects.IsEmpty;
        });
        Assert.Equal(5 + 2, swept);
    }

    [Fact]
    public async Task While_the_bucket_is_away_no_task_fails_and_the_server_says_what_it_is()
    {
        using var log = new HeardLog();
        await using var provider = await FakeProvider.StartAsync();
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.None);
        var settings = _fake.Settings(("Logging:Level", "Warning"));
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Provider = adapter, Settings = settings, Register = services => services.AddSingleton<ILoggerProvider>(log) });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var picture = await zoetrope.Api.UploadAsync(customer, TestMedia.Png, "image/png");
        var first = await DoneAsync(zoetrope, customer, "/api/v1/generate", new { model = "flux-2-pro-text-to-image", input = new { prompt = "Before" } });
        ClearCache(zoetrope);
        Assert.Equal(new Ready(true, true), await ReadyAsync(zoetrope));

        var puts = 0;
        _fake.Fail = request =>
        {
            Interlocked.Add(ref puts, request.Method == "PUT" ? 1 : 0);
            return S3Fault.Away;
        };
        var waiting = (await zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = "Meanwhile" } })).Expect(200).Data.GetProperty("id").GetString()!;
        foreach (var path in new[] { $"/api/v1/tasks/{first.GetProperty("id").GetString()}/download?mode=proxy", new Uri(picture).AbsolutePath })
        {
            var refused = await zoetrope.Api.GetAsync(customer, path);
            Assert.Equal((503, "UNAVAILABLE", "5"), (refused.Status, refused.Code, refused.Headers.RetryAfter?.ToString()));
            Assert.Contains("The store of files is not responding.", refused.Text, StringComparison.Ordinal);
        }

        var unread = await zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-image-to-image", input = new { prompt = "A harbour", image_urls = new[] { picture } } });
        Assert.Equal((503, "UNAVAILABLE"), (unread.Status, unread.Code));
        // The result has come, and was not taken more than once.
        await Until.HoldsAsync(() => Volatile.Read(ref puts) > 4, () => log.Lines);
        Assert.Equal(new Ready(true, false), await Until.SeesAsync(() => ReadyAsync(zoetrope), seen => !seen.Artifacts));
        Assert.Equal("processing", (await zoetrope.Api.GetAsync(customer, $"/api/v1/tasks/{waiting}")).Data.GetProperty("status").GetString());

        _fake.Fail = static _ => S3Fault.None;
        Assert.Equal("completed", (await zoetrope.Api.WaitAsync(customer, waiting)).GetProperty("status").GetString());
        Assert.Equal(new Ready(true, true), await Until.SeesAsync(() => ReadyAsync(zoetrope), seen => seen.Artifacts));
        Assert.Equal(2, provider.Books.Submits);
        Assert.DoesNotContain(log.Lines, line => line.Contains(FakeS3.SecretKey, StringComparison.Ordinal) || line.Contains(FakeS3.AccessKey, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Readers_and_uploads_are_sent_to_the_bucket_where_the_operator_wants_it()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = _fake.Settings(("Artifacts:S3:DirectReads", "true"), ("Artifacts:S3:DirectUploads", "true")) });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var bytes = await File.ReadAllBytesAsync(TestMedia.Png, TestContext.Current.CancellationToken);

        // The bucket takes the type and the size that were signed, and nothing else.
        var ticket = await TicketAsync(zoetrope, customer, "image/png", bytes.Length);
        Assert.StartsWith(_fake.Address.ToString(), ticket.Put.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(ticket.Put, bytes, "image/jpeg"));
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(ticket.Put, [.. bytes, 0], "image/png"));
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(new Uri(ticket.Put.AbsoluteUri.Replace("upl_", "upl_0", StringComparison.Ordinal)), bytes, "image/png"));
        Assert.Equal(404, (await zoetrope.Api.GetAsync(customer, ticket.Read.AbsolutePath)).Status);
        Assert.Equal(HttpStatusCode.OK, await PutAsync(ticket.Put, bytes, "image/png"));

        // Taken over at its first use, and then an object like any other.
        var made = await DoneAsync(zoetrope, customer, "/api/v1/tools/upscale-image", new { image_url = ticket.Read.AbsoluteUri, upscale_factor = "2" });
        Assert.DoesNotContain(_fake.Objects.Keys, name => name.Contains("uploads/", StringComparison.Ordinal));

        // What is no picture is refused then, in the words of an upload.
        var lie = await TicketAsync(zoetrope, customer, "image/png", 5);
        Assert.Equal(HttpStatusCode.OK, await PutAsync(lie.Put, "hello"u8.ToArray(), "image/png"));
        var refused = await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/tools/upscale-image", customer.Key, JsonSerializer.Serialize(new { image_url = lie.Read.AbsoluteUri, upscale_factor = "2" }));
        Assert.Equal((400, "INVALID_INPUT"), (refused.Status, refused.Code));
        Assert.Contains("The bytes are not image/png", refused.Text, StringComparison.Ordinal);

        // A result's URL leads to the bucket, which answers with our type and disposition, and with ranges.
        var url = new Uri((await zoetrope.Api.GetAsync(customer, $"/api/v1/tasks/{made.GetProperty("id").GetString()}/download")).Expect(200).Data.GetProperty("url").GetString()!);
        using var head = await Outside.SendAsync(new HttpRequestMessage(HttpMethod.Head, url), TestContext.Current.CancellationToken);
        var type = head.Content.Headers.ContentType?.ToString();
        Assert.Equal((HttpStatusCode.OK, true), (head.StatusCode, type?.StartsWith("image/", StringComparison.Ordinal)));
        using var redirect = await Outside.GetAsync(url, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Found, "no-store", "*"), (redirect.StatusCode, redirect.Headers.CacheControl?.ToString(), redirect.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        using var request = new HttpRequestMessage(HttpMethod.Get, redirect.Headers.Location) { Headers = { Range = new RangeHeaderValue(0, 7) } };
        using var part = await Outside.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.PartialContent, type), (part.StatusCode, part.Content.Headers.ContentType?.ToString()));
        Assert.Equal(head.Content.Headers.ContentDisposition, part.Content.Headers.ContentDisposition);
        Assert.StartsWith("inline; filename=\"output.", part.Content.Headers.ContentDisposition?.ToString(), StringComparison.Ordinal);
        using var known = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { IfNoneMatch = { head.Headers.ETag! } } };
        using var unchanged = await Outside.SendAsync(known, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Outside.GetAsync(new Uri(redirect.Headers.Location!.AbsoluteUri.Replace("inline", "attachment", StringComparison.Ordinal)), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(200, (await zoetrope.Api.GetAsync(customer, $"/api/v1/tasks/{made.GetProperty("id").GetString()}/download?mode=proxy")).Status);
    }

    [Theory]
    [InlineData("Artifacts:S3:SecretKey", "never+Shown/1", "Zoetrope__Artifacts__S3__SecretKey: ")]
    [InlineData("Artifacts:S3:Bucket", "another-bucket", "Zoetrope__Artifacts__S3__Bucket: ")]
    [InlineData("Artifacts:S3:Bucket", "", "Zoetrope__Artifacts__S3__Bucket: ")]
    [InlineData("Artifacts:Place", "tape", "Zoetrope__Artifacts__Place: ")]
    public async Task A_start_with_a_wrong_bucket_is_refused_in_one_line(string name, string value, string begin)
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => TestZoetrope.StartAsync(new TestServer { Settings = _fake.Settings((name, value)) }));
        Assert.Equal(("INVALID_SETTING", 2), (refused.Code, refused.ExitCode));
        Assert.StartsWith(begin, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("never+Shown", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_without_the_bucket_is_only_warned_of()
    {
        using var log = new HeardLog();
        _fake.Fail = static _ => S3Fault.Away;
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = _fake.Settings(("Logging:Level", "Warning")), Register = services => services.AddSingleton<ILoggerProvider>(log) });
        Assert.Equal(1, log.Count($"The bucket {FakeS3.Bucket} at http://127.0.0.1:"));
        Assert.Equal(new Ready(true, false), await ReadyAsync(zoetrope));
    }

    private static async Task<JsonElement> DoneAsync(TestZoetrope zoetrope, Customer customer, string path, object body)
    {
        var id = (await zoetrope.Api.SendAsync(HttpMethod.Post, path, customer.Key, JsonSerializer.Serialize(body))).Expect(200).Data.GetProperty("id").GetString()!;
        var task = await zoetrope.Api.WaitAsync(customer, id);
        Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString());
        return task;
    }

    private static async Task<byte[]> BytesAsync(TestZoetrope zoetrope, Customer customer, string path, RangeHeaderValue? range = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(zoetrope.Api.Address, path)) { Headers = { Range = range, Authorization = new AuthenticationHeaderValue("Bearer", customer.Key) } };
        using var answer = await Outside.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task<(Uri Put, Uri Read)> TicketAsync(TestZoetrope zoetrope, Customer customer, string contentType, long sizeBytes)
    {
        var ticket = (await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/upload", customer.Key, JsonSerializer.Serialize(new { contentType, sizeBytes }))).Expect(200).Data;
        return (new Uri(ticket.GetProperty("uploadUrl").GetString()!), new Uri(ticket.GetProperty("publicUrl").GetString()!));
    }

    private static async Task<HttpStatusCode> PutAsync(Uri url, byte[] bytes, string contentType)
    {
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
        using var answer = await Outside.PutAsync(url, content);
        return answer.StatusCode;
    }

    private static async Task<Ready> ReadyAsync(TestZoetrope zoetrope)
    {
        var answer = await zoetrope.Api.SendAsync(HttpMethod.Get, "/health/ready", null);
        return new Ready(answer.Status == 200 && answer.Json.GetProperty("ready").GetBoolean(), answer.Json.GetProperty("artifacts").GetBoolean());
    }

    private static void ClearCache(TestZoetrope zoetrope)
    {
        foreach (var copy in Directory.GetFiles(Path.Combine(zoetrope.DataDirectory, "cache"), "*", SearchOption.AllDirectories))
        {
            File.Delete(copy);
        }
    }

    private sealed record Ready(bool Is, bool Artifacts);
}
