using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Server.Providers.Sandbox;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>
/// What goes wrong with a file is said in our words. A library's text is for the log: it names paths, addresses of memory, and what it
/// still has in its buffers of somebody else's job.
/// </summary>
public sealed partial class OwnWordsTests(OwnWordsTests.Server server) : IClassFixture<OwnWordsTests.Server>
{
    private const string Edit = """{"model":"nano-banana-2-image-to-image","input":{"prompt":"in snow","image_urls":["FILE"],"resolution":"0.5K"},"webhookUrl":"HOOK"}""";
    private const string Upscale = """{"model":"topaz-image-upscale","input":{"image_url":"FILE","upscale_factor":"1"},"webhookUrl":"HOOK"}""";
    private const string Film = """{"model":"seedance-2-5-image-to-video","input":{"prompt":"in snow","image_urls":["FILE"]},"webhookUrl":"HOOK"}""";
    private const string EditFilm = """{"model":"happyhorse-video-edit","input":{"prompt":"in snow","video_url":"FILE"},"webhookUrl":"HOOK"}""";
    private const string UpscaleFilm = """{"model":"topaz-video-upscale","input":{"video_url":"FILE","upscale_factor":"1"},"webhookUrl":"HOOK"}""";

    [Fact]
    public Task Neither_path_nor_hash_nor_a_librarys_text_reaches_a_customer() => RunAsync(rounds: 1, seed: 1);

    [Fact, Trait("Category", "Nightly")]
    public Task The_same_over_two_thousand_jobs() => RunAsync(rounds: 60, seed: 2);

    private async Task RunAsync(int rounds, int seed)
    {
        var random = new Random(seed);
        Customer[] customers = [await server.Zoetrope.Api.CreateCustomerAsync(), await server.Zoetrope.Api.CreateCustomerAsync()];
        var jobs = new List<(Customer Customer, string Id)>();
        var refused = 0;
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (body, file, type) in Cases(random))
            {
                var customer = customers[jobs.Count % 2];
                var input = type.StartsWith("image/", StringComparison.Ordinal)
                    ? $"data:{type};base64,{Convert.ToBase64String(file)}"
                    : await TryUploadAsync(customer, file, type);
                if (input is null)
                {
                    refused++;
                    continue;
                }

                await StartAsync(customer, body.Replace("FILE", input, StringComparison.Ordinal));
            }

            foreach (var marker in MagicPrompts.All.Where(static magic => magic.Kind is Magic.Fail or Magic.Moderated or Magic.Refused or Magic.BadMedia or Magic.TruncatedMedia or Magic.UnknownOutcome))
            {
                await StartAsync(customers[jobs.Count % 2], Text(marker.Marker));
            }
        }

        var failed = 0;
        foreach (var (customer, id) in jobs)
        {
            var task = await server.Zoetrope.Api.WaitAsync(customer, id);
            Check(task.GetRawText());
            failed += task.GetProperty("status").GetString() == "failed" ? 1 : 0;
        }

        Assert.True(failed + refused >= 20 * rounds, $"{failed} failed, {refused} were refused, {jobs.Count} ran");
        foreach (var customer in customers)
        {
            await foreach (var page in server.Zoetrope.Api.PagesAsync(customer, "/api/v1/tasks?limit=100"))
            {
                Check(page.Text);
            }

            await using var mcp = await McpClients.ConnectAsync(server.Zoetrope.Api, customer.Key);
            foreach (var (_, id) in jobs.Where(job => job.Customer == customer).Take(40))
            {
                Check((await mcp.CallAsync("vicsee_get_task", new { task_id = id })).Text());
            }
        }

        await Until.HoldsAsync(() => server.Receiver.All.Count(static item => item.Type == "task.failed") >= failed);
        foreach (var item in server.Receiver.All)
        {
            Check(item.Json.GetRawText());
        }

        async Task StartAsync(Customer customer, string body)
        {
            var reply = await server.Zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/generate", customer.Key, body.Replace("HOOK", server.Receiver.Url(), StringComparison.Ordinal));
            Check(reply.Text);
            if (reply.Status == 200)
            {
                jobs.Add((customer, reply.Data.GetProperty("id").GetString()!));
            }
            else
            {
                Assert.InRange(reply.Status, 400, 499);
                refused++;
            }
        }
    }

    private async Task<string?> TryUploadAsync(Customer customer, byte[] file, string type)
    {
        var path = TestMedia.NewPath("");
        await File.WriteAllBytesAsync(path, file);
        try
        {
            return await server.Zoetrope.Api.UploadAsync(customer, path, type);
        }
        catch (InvalidOperationException refusal)
        {
            Check(refusal.Message);
            Assert.Contains("Expected 200, got 4", refusal.Message, StringComparison.Ordinal);
            return null;
        }
    }

    // Damaged where the header is past, so that it is a decoder that finds out; and cut.
    private static IEnumerable<(string Body, byte[] File, string Type)> Cases(Random random)
    {
        (string Path, string Type, string[] Bodies)[] pictures =
        [
            (TestMedia.Jpeg, "image/jpeg", [Edit, Upscale, Film]), (TestMedia.Png, "image/png", [Edit, Upscale, Film]), (TestMedia.WebP, "image/webp", [Edit, Upscale]),
            (TestMedia.LosslessWebP, "image/webp", [Upscale]), (TestMedia.Gif, "image/gif", [Edit]), (TestMedia.Avif, "image/avif", [Edit, Film]), (TestHeic.Grid(), "image/heic", [Edit, Film]),
            (TestMedia.Clip(4), "video/mp4", [EditFilm, UpscaleFilm]), (TestMedia.Mov, "video/quicktime", [UpscaleFilm]), (TestMedia.Mkv, "video/x-matroska", [UpscaleFilm]),
        ];
        foreach (var (path, type, bodies) in pictures)
        {
            var whole = File.ReadAllBytes(path);
            foreach (var body in bodies)
            {
                yield return (body, whole[..(whole.Length * random.Next(40, 80) / 100)], type);
                var damaged = (byte[])whole.Clone();
                var at = damaged.AsSpan().IndexOf("mdat"u8) is > 0 and var data ? data + 4 : damaged.Length / 3;
                random.NextBytes(damaged.AsSpan(at, (damaged.Length - at) * 2 / 3));
                yield return (body, damaged, type);
            }
        }
    }

    private static string Text(string marker) =>
        $$"""{"model":"nano-banana-2-text-to-image","input":{"prompt":"a fox {{marker}}","resolution":"0.5K"},"webhookUrl":"HOOK"}""";

    private void Check(string text)
    {
        var shown = text.Length > 2_000 ? text[..2_000] : text;
        Assert.False(text.Contains(server.Zoetrope.DataDirectory, StringComparison.Ordinal) || text.Contains("/tmp/", StringComparison.Ordinal), shown);
        Assert.False(Foreign().IsMatch(text), $"{Foreign().Match(text).Value}: {shown}");
        foreach (var error in Errors(text))
        {
            Assert.False(Hash().IsMatch(error), error);
        }
    }

    private static IEnumerable<string> Errors(string text)
    {
        if (!text.StartsWith('{'))
        {
            return [text];
        }

        return Find(JsonDocument.Parse(text).RootElement);

        static IEnumerable<string> Find(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().SelectMany(static member => member.NameEquals("error") ? [member.Value.GetRawText()] : Find(member.Value)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Find),
            _ => [],
        };
    }

    [GeneratedRegex("\\b0x[0-9a-f]{6,}|vips|libheif|libav|jpegload|pngload|webpload|heifload|Exception|\\.cs:line|   at |\\[[a-z0-9]+ @ |artifacts/", RegexOptions.IgnoreCase)]
    private static partial Regex Foreign();

    [GeneratedRegex("[0-9a-f]{32,}")]
    private static partial Regex Hash();

    public sealed class Server : IAsyncLifetime
    {
        internal TestZoetrope Zoetrope { get; private set; } = null!;

        internal WebhookReceiver Receiver { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Receiver = await WebhookReceiver.StartAsync();
            Zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Egress:AllowedPrivateHosts"] = $"127.0.0.1:{Receiver.Port}", ["Egress:AllowHttp"] = "true" } });
        }

        public async ValueTask DisposeAsync()
        {
            await Zoetrope.DisposeAsync();
            await Receiver.DisposeAsync();
        }
    }
}
