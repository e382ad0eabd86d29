using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Admission.Inputs;

/// <summary>Input files of what nobody pays for: they leave nothing, they count toward the key's rate, and no stranger is asked for them.</summary>
public abstract class FreeInputConformance : IAsyncLifetime
{
    private const string Model = "nano-banana-pro-image-to-image";

    private static readonly byte[] Picture = File.ReadAllBytes(TestMedia.Png);

    private readonly ConcurrentQueue<string> _asked = new();
    private readonly MovedClock _clock = new();
    private WebApplication _elsewhere = null!;
    private TestZoetrope _zoetrope = null!;
    private int _serial;

    private protected abstract SqlDialect Dialect { get; }

    private ZoetropeApi Api => _zoetrope.Api;

    private string Files => Path.Combine(_zoetrope.DataDirectory, "artifacts");

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _elsewhere = builder.Build();
        _elsewhere.Run(async context =>
        {
            _asked.Enqueue(context.Request.Path.Value!);
            context.Response.ContentType = "image/png";
            await context.Response.Body.WriteAsync(Fresh());
        });
        await _elsewhere.StartAsync();
        _zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect,
            Time = _clock,
            Settings = new Dictionary<string, string?> { ["Egress:AllowedPrivateHosts"] = "127.0.0.1", ["Providers:sandbox:Concurrency"] = "0" },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _zoetrope.DisposeAsync();
        await _elsewhere.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public Task Estimates_and_refusals_leave_no_row_and_no_file() => AskAsync(rounds: 1);

    [Fact]
    [Trait("Category", "Nightly")]
    public Task Ten_thousand_estimates_and_refusals_leave_no_row_and_no_file() => AskAsync(rounds: 42);

    private async Task AskAsync(int rounds)
    {
        var rich = await Api.CreateCustomerAsync();
        var poor = await Api.CreateCustomerAsync(credits: 0);
        var asks = await Api.CreateCustomerAsync(keyLimits: new { askAbove = 0 });

        for (var round = 0; round < rounds; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
            {
                (await EstimateAsync(rich, i % 2 == 0 ? DataUri() : Url())).Expect(200);
                (await EstimateAsync(poor, DataUri())).Expect(200);
                (await GenerateAsync(asks, DataUri())).Expect(403);
                (await GenerateAsync(rich, "data:image/png;base64,aGVsbG8gd29ybGQ=")).Expect(400);
                (await GenerateAsync(poor, DataUri())).Expect(402);
                Assert.Equal(402, await EditAsync(poor));
            }));
        }

        Assert.Equal(0, await CountAsync("select count(*) from artifacts"));
        Assert.Equal(0, await CountAsync("select count(*) from uploads"));
        Assert.False(Directory.Exists(Files) && Directory.EnumerateFiles(Files, "*", SearchOption.AllDirectories).Any());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_zoetrope.DataDirectory, "tmp")));
    }

    [Fact]
    public async Task What_was_stored_for_a_refused_request_goes_within_the_hour_and_what_a_task_names_stays()
    {
        // All pass the look before their files are fetched, and one has the credits.
        var price = (await EstimateAsync(await Api.CreateCustomerAsync(), DataUri())).Expect(200).Data.GetProperty("credits").GetInt64();
        var customer = await Api.CreateCustomerAsync(credits: price);

        var replies = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => GenerateAsync(customer, DataUri())));

        Assert.Single(replies, reply => reply.Status == 200);
        Assert.Equal(1, await CountAsync("select count(*) from artifacts"));
        Assert.Equal(1, await CountAsync("select count(*) from artifacts where expires_at is null and role = 'input'"));
        _clock.Advance(TimeSpan.FromMinutes(70));
        await Until.SeesAsync(() => Task.FromResult(Directory.GetFiles(Files, "*", SearchOption.AllDirectories).Length), count => count == 1, what: "one file");
    }

    [Fact]
    public async Task Estimates_and_refusals_with_files_count_toward_the_keys_rate_and_plain_estimates_do_not()
    {
        (string What, Func<Customer, Task<Reply>> Call, int Status)[] calls =
        [
            ("estimate", customer => EstimateAsync(customer, DataUri()), 200),
            ("estimate of a URL", customer => EstimateAsync(customer, Url()), 200),
            ("no picture", customer => GenerateAsync(customer, "data:image/png;base64,aGVsbG8gd29ybGQ="), 400),
            ("unknown model", customer => Api.GenerateAsync(customer, new { model = "no-such-model", input = new { image_urls = new[] { DataUri() } } }), 400),
            ("unknown field", customer => Api.GenerateAsync(customer, new { model = Model, input = new { prompt = "a", picture = Url() } }), 400),
            ("batch", customer => Api.SendAsync(HttpMethod.Post, "/api/v1/batches", customer.Key, JsonSerializer.Serialize(new { requests = new[] { Body("data:image/png;base64,aGVsbG8gd29ybGQ=") } })), 400),
            ("upscale", customer => Api.SendAsync(HttpMethod.Post, "/api/v1/tools/upscale-image", customer.Key, """{"image_url":"data:image/png;base64,aGVsbG8gd29ybGQ="}"""), 400),
        ];
        foreach (var (what, call, status) in calls)
        {
            var customer = await Api.CreateCustomerAsync(keyLimits: new { requestsPerMinute = 1 });
            var first = await call(customer);
            Assert.True(first.Status == status, $"{what}: {first.Status} {first.Text}");
            Assert.True(await call(customer) is { Status: 429, Code: "RATE_LIMITED" } second && second.Headers.RetryAfter is not null, what);
            (await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, """{"model":"nano-banana-text-to-image","prompt":"a"}""")).Expect(200);
            (await Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", prompt = "a" })).Expect(429);
        }

        // An accepted request counts once.
        var paying = await Api.CreateCustomerAsync(keyLimits: new { requestsPerMinute = 5 });
        (await GenerateAsync(paying, DataUri())).Expect(200);
        var next = await CountAsync("select max(u.next_allowed_us) from key_usage u join api_keys k on k.id = u.key_id where k.requests_per_minute = 5");
        Assert.InRange(next / 1_000, 1, _clock.GetUtcNow().AddSeconds(13).ToUnixTimeMilliseconds());

        // A rotated key goes on with the row of the key that it was.
        var old = await Api.CreateCustomerAsync(keyLimits: new { requestsPerMinute = 1 });
        var keys = $"/admin/v1/accounts/{old.AccountId}/keys";
        var id = (await Api.OperateAsync(HttpMethod.Get, keys)).Expect(200).Data.GetProperty("keys")[0].GetProperty("id").GetString();
        var rotated = old with { Key = (await Api.OperateAsync(HttpMethod.Post, $"{keys}/{id}/rotate", new { })).Expect(200).Data.GetProperty("key").GetString()! };
        (await EstimateAsync(rotated, DataUri())).Expect(200);
        (await EstimateAsync(rotated, DataUri())).Expect(429);

        // Parts of a form.
        var forms = await Api.CreateCustomerAsync(credits: 0, keyLimits: new { requestsPerMinute = 1 });
        Assert.Equal(402, await EditAsync(forms));
        Assert.Equal(429, await EditAsync(forms));
        var wrong = await Api.CreateCustomerAsync(credits: 0, keyLimits: new { requestsPerMinute = 1 });
        Assert.Equal(404, await EditAsync(wrong, "no-such-model"));
        Assert.Equal(429, await EditAsync(wrong, "no-such-model"));
    }

    [Fact]
    public async Task Nobody_is_asked_for_the_files_of_a_request_that_cannot_start()
    {
        var poor = await Api.CreateCustomerAsync(credits: 0);
        var busy = await Api.CreateCustomerAsync(keyLimits: new { inFlightLimit = 1 });
        (await Api.GenerateAsync(busy, new { model = "nano-banana-text-to-image", prompt = "a" })).Expect(200);
        var capped = await Api.CreateCustomerAsync(keyLimits: new { spendPerDay = 1 });
        var batch = JsonSerializer.Serialize(new { requests = Enumerable.Range(0, 100).Select(_ => Body(Url())) });

        (await Api.SendAsync(HttpMethod.Post, "/api/v1/batches", poor.Key, batch)).Expect(402);
        (await GenerateAsync(poor, Url())).Expect(402);
        (await Api.SendAsync(HttpMethod.Post, "/api/v1/tools/upscale-image", poor.Key, JsonSerializer.Serialize(new { image_url = Url() }))).Expect(402);
        (await Api.GenerateAsync(poor, new { model = "happyhorse-video-edit", input = new { prompt = "a", video_url = Url() } })).Expect(402);
        (await GenerateAsync(busy, Url())).Expect(429);
        (await GenerateAsync(capped, Url())).Expect(402);

        Assert.Empty(_asked);
    }

    private object Body(string image) => new { model = Model, input = new { prompt = "a", image_urls = new[] { image } } };

    private Task<Reply> GenerateAsync(Customer customer, string image) => Api.GenerateAsync(customer, Body(image));

    private Task<Reply> EstimateAsync(Customer customer, string image) =>
        Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, JsonSerializer.Serialize(Body(image)));

    private async Task<int> EditAsync(Customer customer, string model = "nano-banana-pro")
    {
        using var form = new MultipartFormDataContent { { new StringContent(model), "model" }, { new StringContent("a"), "prompt" }, { new ByteArrayContent(Fresh()), "image", "a.png" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/edits") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer.Key);
        return (await Api.SendAsync(request)).Status;
    }

    // Bytes behind the end of a picture make another file of it.
    private byte[] Fresh() => [.. Picture, .. Encoding.ASCII.GetBytes($"{Interlocked.Increment(ref _serial)}")];

    private string DataUri() => $"data:image/png;base64,{Convert.ToBase64String(Fresh())}";

    private string Url() => new Uri(new Uri(_elsewhere.Urls.First()), $"/{Interlocked.Increment(ref _serial)}.png").ToString();

    private async Task<long> CountAsync(string sql) =>
        await ((Database)_zoetrope.Services.GetService(typeof(Database))!).ReadAsync(async session => await session.ScalarAsync<long>(sql));
}

public sealed class SqliteFreeInputTests : FreeInputConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresFreeInputTests : FreeInputConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
