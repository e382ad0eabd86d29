using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.Gemini;

/// <summary>Test keys get the new models too, drawn by the sandbox in the size of the catalogue.</summary>
public sealed class GeminiSandboxTests
{
    [Theory]
    [InlineData("nano-banana-2-1-text-to-image", """{"aspect_ratio": "1:8", "output_format": "jpeg"}""", 362, 2_896)]
    [InlineData("nano-banana-2-lite-text-to-image", """{"aspect_ratio": "auto"}""", 1_024, 1_024)]
    [InlineData("gemini-omni-text-to-video", """{"duration": 3, "aspect_ratio": "9:16"}""", 720, 1_280)]
    public async Task A_test_key_gets_the_shape_of_the_catalogue(string model, string input, int width, int height)
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        var customer = await zoetrope.Api.CreateCustomerAsync(credits: 10_000);

        var body = $$"""{"model": "{{model}}", "prompt": "A red fox in the snow", "input": {{input}}}""";
        var created = (await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/generate", customer.Key, body)).Expect(200).Data;
        var task = await zoetrope.Api.WaitAsync(customer, created.GetProperty("id").GetString()!);

        Assert.Equal("completed", task.GetProperty("status").GetString());
        var file = await FfProbe.ReadAsync(await zoetrope.Api.DownloadAsync(task.GetProperty("result").GetProperty("url").GetString()!));
        Assert.Equal((width, height), (file.Width, file.Height));
    }
}
