using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Admission.Inputs;

/// <summary>How much of this server and of other hosts an account's input files may use.</summary>
public sealed class InputLimitTests
{
    private const string Model = "nano-banana-pro-image-to-image";

    [Fact]
    public async Task Uploads_and_inputs_share_the_bytes_of_an_accounts_day()
    {
        var clock = new MovedClock();
        var size = new FileInfo(TestMedia.Png).Length;
        await using var zoetrope = await StartAsync(clock, ("Artifacts:AccountBytesPerDay", $"{size * 3}"));
        var customer = await zoetrope.Api.CreateCustomerAsync();

        await zoetrope.Api.UploadAsync(customer, TestMedia.Png, "image/png");
        (await GenerateAsync(zoetrope, customer, DataUri(0))).Expect(200);
        (await GenerateAsync(zoetrope, customer, DataUri(1))).Expect(429);
        var full = await GenerateAsync(zoetrope, customer, DataUri(size));
        Assert.Equal((429, "RATE_LIMITED"), (full.Status, full.Code));
        Assert.NotNull(full.Headers.RetryAfter);
        await Assert.ThrowsAsync<InvalidOperationException>(() => zoetrope.Api.UploadAsync(customer, File(size), "image/png"));
        (await GenerateAsync(zoetrope, await zoetrope.Api.CreateCustomerAsync(), DataUri(1))).Expect(200);

        clock.Advance(TimeSpan.FromDays(1));
        (await GenerateAsync(zoetrope, customer, DataUri(2))).Expect(200);
    }

    [Fact]
    public async Task Below_the_floor_of_free_space_no_file_is_taken_and_a_text_still_is()
    {
        await using var zoetrope = await StartAsync(new MovedClock(), ("Artifacts:MinFreeMegabytes", "2000000000"));
        var customer = await zoetrope.Api.CreateCustomerAsync();

        Reply[] refused =
        [
            await GenerateAsync(zoetrope, customer, DataUri(1)),
            await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, JsonSerializer.Serialize(Body(DataUri(2)))),
            await EditAsync(zoetrope, customer),
            await PutAsync(zoetrope, customer),
        ];

        Assert.All(refused, reply => Assert.True(reply.Status == 503 && reply.Text.Contains("unavailable", StringComparison.OrdinalIgnoreCase) && reply.Headers.RetryAfter is not null, $"{reply.Status} {reply.Text}"));
        (await zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", prompt = "a" })).Expect(200);
    }

    [Fact]
    public async Task A_key_and_a_host_have_so_many_fetches_at_a_time()
    {
        var open = new ConcurrentDictionary<string, string>();
        var most = new ConcurrentDictionary<string, int>();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await ServeAsync(async context =>
        {
            var key = context.Request.Path.Value!.Split('/')[1];
            open[context.TraceIdentifier] = key;
            most.AddOrUpdate(key, _ => 1, (_, known) => Math.Max(known, open.Values.Count(one => one == key)));
            most.AddOrUpdate("all", _ => 1, (_, known) => Math.Max(known, open.Count));
            await release.Task;
            open.TryRemove(context.TraceIdentifier, out _);
            await context.Response.SendFileAsync(TestMedia.Png);
        });
        await using var zoetrope = await StartAsync(new MovedClock(), ("Artifacts:InputFetchesPerKey", "2"), ("Artifacts:InputFetchesPerHost", "3"));
        var customers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => zoetrope.Api.CreateCustomerAsync()));

        var calls = customers.SelectMany((customer, i) => Enumerable.Range(0, 4).Select(j => GenerateAsync(zoetrope, customer, new Uri(new Uri(host.Urls.First()), $"/{i}/{j}.png").ToString()))).ToList();
        await Until.HoldsAsync(() => open.Count == 3, () => open.Count);
        release.SetResult();

        Assert.All(await Task.WhenAll(calls), reply => Assert.Equal(200, reply.Status));
        Assert.Equal(3, most["all"]);
        Assert.All(most.Where(pair => pair.Key != "all"), pair => Assert.InRange(pair.Value, 1, 2));
    }

    [Fact]
    public async Task A_host_that_is_slow_or_fails_may_be_tried_again_and_a_forbidden_one_may_not()
    {
        await using var host = await ServeAsync(async context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/never": await HostileAnswers.NeverAsync(context); break;
                case "/busy": context.Response.StatusCode = 503; break;
                case "/cut":
                    context.Response.ContentLength = 1_000;
                    await context.Response.WriteAsync("x");
                    await context.Response.Body.FlushAsync();
                    context.Abort();
                    break;
                default: context.Response.StatusCode = 404; break;
            }
        });
        await using var zoetrope = await StartAsync(new MovedClock(), ("Egress:ConnectTimeout", "00:00:00.500"), ("Egress:HeaderTimeout", "00:00:02"));
        var customer = await zoetrope.Api.CreateCustomerAsync();

        foreach (var (path, code, retryable) in new[] { ("/never", "INPUT_NOT_FETCHED", true), ("/busy", "INPUT_NOT_FETCHED", true), ("/cut", "INPUT_NOT_FETCHED", true), ("/gone", "INVALID_INPUT", false) })
        {
            var reply = await GenerateAsync(zoetrope, customer, new Uri(new Uri(host.Urls.First()), path).ToString());
            Assert.True((reply.Status, reply.Code) == (400, code), $"{path}: {reply.Text}");
            Assert.Equal(retryable, reply.Json.GetProperty("error").GetProperty("retryable").GetBoolean());
        }

        Assert.Equal("URL_NOT_ALLOWED", (await GenerateAsync(zoetrope, customer, "https://10.0.0.1/a.png")).Code);
        Assert.Equal("URL_NOT_ALLOWED", (await GenerateAsync(zoetrope, customer, "http://127.0.0.1:1/a.png")).Code);
    }

    private static object Body(string image) => new { model = Model, input = new { prompt = "a", image_urls = new[] { image } } };

    private static Task<Reply> GenerateAsync(TestZoetrope zoetrope, Customer customer, string image) => zoetrope.Api.GenerateAsync(customer, Body(image));

    private static async Task<Reply> EditAsync(TestZoetrope zoetrope, Customer customer)
    {
        using var form = new MultipartFormDataContent { { new StringContent("nano-banana-pro"), "model" }, { new StringContent("a"), "prompt" }, { new ByteArrayContent(System.IO.File.ReadAllBytes(TestMedia.Png)), "image", "a.png" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/edits") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer.Key);
        return await zoetrope.Api.SendAsync(request);
    }

    private static async Task<Reply> PutAsync(TestZoetrope zoetrope, Customer customer)
    {
        var ticket = (await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/upload", customer.Key, """{"contentType":"image/png"}""")).Expect(200).Data;
        using var request = new HttpRequestMessage(HttpMethod.Put, ticket.GetProperty("uploadUrl").GetString()) { Content = new ByteArrayContent(System.IO.File.ReadAllBytes(TestMedia.Png)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        return await zoetrope.Api.SendAsync(request);
    }

    // The picture, and so many bytes behind its end, which count.
    private static string DataUri(long behind) => $"data:image/png;base64,{Convert.ToBase64String([.. System.IO.File.ReadAllBytes(TestMedia.Png), .. new byte[behind]])}";

    private static string File(long behind)
    {
        var path = TestMedia.Copy(TestMedia.Png);
        System.IO.File.AppendAllText(path, new string('x', (int)behind));
        return path;
    }

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }

    private static Task<TestZoetrope> StartAsync(MovedClock clock, params (string Name, string Value)[] settings) => TestZoetrope.StartAsync(new TestServer
    {
        Time = clock,
        Settings = settings.Append(("Egress:AllowedPrivateHosts", "127.0.0.1")).Append(("Providers:sandbox:Concurrency", "0")).ToDictionary(setting => setting.Item1, setting => (string?)setting.Item2),
    });
}
