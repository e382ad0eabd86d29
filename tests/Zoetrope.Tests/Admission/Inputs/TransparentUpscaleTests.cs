using SkiaSharp;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Admission.Inputs;

/// <summary>Transparency survives an upscale, or the request is refused before it costs anything.</summary>
public sealed class TransparentUpscaleTests
{
    [Theory]
    [InlineData(true, "fal", "\"output_format\":\"png\"")]
    [InlineData(true, "replicate", "\"output_format\":\"png\"")]
    [InlineData(false, "fal", "\"output_format\":\"jpeg\"")]
    [InlineData(false, "replicate", "\"output_format\":\"jpg\"")]
    public async Task A_vendor_that_could_keep_it_is_asked_to(bool transparent, string provider, string field)
    {
        var vendor = new RecordingVendor(provider);
        await using var server = await TestZoetrope.StartAsync(new TestServer { Others = [vendor] });
        var customer = await server.Api.CreateCustomerAsync(mode: "live");

        var id = (await UpscaleAsync(server, customer, transparent)).Expect(200).Data.GetProperty("id").GetString()!;
        await server.Api.WaitAsync(customer, id);

        Assert.Equal(transparent ? "png" : "jpeg", vendor[""].Format);
        Assert.Contains(field, vendor[""].Fields, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_might_lose_it_is_not_asked_at_all()
    {
        var vendor = new RecordingVendor("vicsee");
        await using var server = await TestZoetrope.StartAsync(new TestServer { Others = [vendor] });
        var customer = await server.Api.CreateCustomerAsync(mode: "live");

        var refused = await UpscaleAsync(server, customer, transparent: true);
        Assert.Equal((400, "PARAMETER_UNAVAILABLE"), (refused.Status, refused.Code));
        Assert.Contains("a picture with transparency", refused.Text, StringComparison.Ordinal);
        Assert.Equal(1_000_000, await server.Api.CreditsAsync(customer));
        Assert.False(vendor.Has(""));

        (await UpscaleAsync(server, customer, transparent: false)).Expect(200);
    }

    [Fact]
    public async Task Test_mode_delivers_it()
    {
        await using var server = await TestZoetrope.StartAsync();
        var customer = await server.Api.CreateCustomerAsync();

        var id = (await UpscaleAsync(server, customer, transparent: true)).Expect(200).Data.GetProperty("id").GetString()!;
        var result = (await server.Api.WaitAsync(customer, id)).GetProperty("result");

        using var made = SKBitmap.Decode(await server.Api.DownloadAsync(result.GetProperty("url").GetString()!));
        Assert.Equal((200, 0), (made.Width, (int)made.GetPixel(150, 40).Alpha));
        Assert.Equal(255, made.GetPixel(40, 40).Alpha);
    }

    private static Task<Reply> UpscaleAsync(TestZoetrope server, Customer customer, bool transparent)
    {
        using var bitmap = new SKBitmap(100, 80, SKColorType.Rgba8888, transparent ? SKAlphaType.Unpremul : SKAlphaType.Opaque);
        bitmap.Erase(transparent ? SKColors.Transparent : SKColors.White);
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.DrawRect(0, 0, 50, 80, new SKPaint { Color = SKColors.Red });
        }

        using var encoded = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        var file = "data:image/png;base64," + Convert.ToBase64String(encoded.ToArray());
        return server.Api.GenerateAsync(customer, new { model = "topaz-image-upscale", input = new { image_url = file } });
    }
}
