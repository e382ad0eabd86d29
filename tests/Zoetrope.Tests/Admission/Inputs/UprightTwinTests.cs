using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Admission.Inputs;

/// <summary>
/// A picture or video that is stored turned is the same request as its upright twin: the same price, the same shape in test mode, and
/// the same words to a vendor in live mode.
/// </summary>
public sealed class UprightTwinTests(UprightTwinTests.Server server) : IClassFixture<UprightTwinTests.Server>
{
    // All five formats, or the three that a model takes.
    private const string Auto = """{"model":"nano-banana-2-image-to-image","input":{"prompt":"PROMPT","image_urls":["FILE"],"aspect_ratio":"auto"}}""";
    private const string FluxAuto = """{"model":"flux-2-pro-image-to-image","input":{"prompt":"PROMPT","image_urls":["FILE"],"aspect_ratio":"auto"}}""";
    private const string Adaptive = """{"model":"seedance-2-5-image-to-video","input":{"prompt":"PROMPT","image_urls":["FILE"],"aspect_ratio":"adaptive"}}""";

    public static TheoryData<string> Pictures => [.. TestTurned.Formats];

    public static TheoryData<string, int> Videos => new() { { ".mp4", 90 }, { ".mp4", 180 }, { ".mp4", 270 }, { ".mov", 90 }, { ".mov", 270 } };

    [Theory, MemberData(nameof(Pictures))]
    public async Task A_turned_picture_is_asked_for_like_its_upright_twin(string format)
    {
        var isPlain = format is "jpg" or "png" or "webp";
        foreach (var upright in (int[])[1, 6])
        {
            var twin = DataUri(TestTurned.Upright(format, upright));
            var alike = upright == 1 ? (int[])[1, 2, 3, 4] : [5, 6, 7, 8];
            foreach (var body in isPlain ? (string[])[FluxAuto, Adaptive] : [Auto, Adaptive])
            {
                var expected = await server.AskedAsync(body, twin);
                foreach (var orientation in alike)
                {
                    var asked = await server.AskedAsync(body, DataUri(TestTurned.Make(format, orientation)));
                    Assert.True(expected == asked, $"{format} {orientation}: {asked} instead of {expected}");
                }
            }

            if (isPlain)
            {
                var expected = await server.EstimateAsync(Upscale(twin));
                foreach (var orientation in alike)
                {
                    Assert.Equal(expected, await server.EstimateAsync(Upscale(DataUri(TestTurned.Make(format, orientation)))));
                }
            }
        }
    }

    [Theory, MemberData(nameof(Videos))]
    public async Task A_turned_video_is_asked_for_like_its_upright_twin(string extension, int degrees)
    {
        var type = extension == ".mp4" ? "video/mp4" : "video/quicktime";
        var upright = TestMedia.NewPath(".mp4");
        TestMedia.Run("ffmpeg", "-v", "error", "-i", TestLies.Turned(extension, degrees), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "copy", upright);
        var twin = await server.UploadAsync(upright, "video/mp4");
        var turned = await server.UploadAsync(TestLies.Turned(extension, degrees), type);
        const string edit = """{"model":"happyhorse-video-edit","input":{"prompt":"PROMPT","video_url":"FILE"}}""";
        const string upscale = """{"model":"topaz-video-upscale","input":{"video_url":"FILE"}}""";

        Assert.Equal(await server.AskedAsync(edit, twin), await server.AskedAsync(edit, turned));
        Assert.Equal(await server.EstimateAsync(upscale.Replace("FILE", twin, StringComparison.Ordinal)), await server.EstimateAsync(upscale.Replace("FILE", turned, StringComparison.Ordinal)));
    }

    private static string Upscale(string file) => """{"model":"topaz-image-upscale","input":{"image_url":"FILE"}}""".Replace("FILE", file, StringComparison.Ordinal);

    private static string DataUri(string path) => $"data:image/{Path.GetExtension(path)[1..]};base64," + Convert.ToBase64String(File.ReadAllBytes(path));

    public sealed class Server : IAsyncLifetime
    {
        private readonly RecordingVendor[] _vendors = [new("bfl"), new("ark"), new("fal"), new("gemini")];
        private TestZoetrope _zoetrope = null!;
        private Customer _live = null!;
        private Customer _test = null!;
        private int _asked;

        public async ValueTask InitializeAsync()
        {
            _zoetrope = await TestZoetrope.StartAsync(new TestServer { Others = _vendors });
            _live = await _zoetrope.Api.CreateCustomerAsync(mode: "live");
            _test = _live with { Key = await _zoetrope.Api.CreateKeyAsync(_live.AccountId) };
        }

        public ValueTask DisposeAsync() => _zoetrope.DisposeAsync();

        internal Task<string> UploadAsync(string path, string type) => _zoetrope.Api.UploadAsync(_live, path, type);

        /// <summary>What a vendor was asked in live mode, and that test mode would have made the same.</summary>
        internal async Task<Asked> AskedAsync(string body, string file)
        {
            var prompt = $"a fox {++_asked}";
            var request = JsonDocument.Parse(body.Replace("PROMPT", prompt, StringComparison.Ordinal).Replace("FILE", file, StringComparison.Ordinal)).RootElement;
            var id = (await _zoetrope.Api.GenerateAsync(_live, request)).Expect(200).Data.GetProperty("id").GetString()!;
            var task = await _zoetrope.Api.WaitAsync(_live, id);
            Assert.True(_vendors.Any(vendor => vendor.Has(prompt)), task.ToString());
            var asked = _vendors.First(vendor => vendor.Has(prompt))[prompt];
            var output = (await SendAsync(_test, request.GetRawText())).Expect(200).Data.GetProperty("output");
            Assert.Equal((asked.Width, asked.Height), (output.GetProperty("width").GetInt32(), output.GetProperty("height").GetInt32()));
            return asked;
        }

        /// <summary>The output and the price, which test mode and live mode have in common.</summary>
        internal async Task<string> EstimateAsync(string body)
        {
            var live = Told(await SendAsync(_live, body));
            Assert.Equal(live, Told(await SendAsync(_test, body)));
            return live;
        }

        private Task<Reply> SendAsync(Customer customer, string body) => _zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, body);

        private static string Told(Reply reply) => $"{reply.Expect(200).Data.GetProperty("output")} {reply.Data.GetProperty("credits")}";
    }
}
