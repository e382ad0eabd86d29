using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.VicSee;

/// <summary>A live key of one server buys from the test key of another: nothing of the wire is imitated.</summary>
public sealed class TwoZoetropesTests
{
    [Theory]
    [InlineData("a red fox", "completed")]
    [InlineData("[[lost-response]] a red fox", "completed")]
    [InlineData("[[moderated]] a red fox", "CONTENT_REFUSED")]
    [InlineData("[[refused]] a red fox", "INPUT_REFUSED")]
    [InlineData("[[fail]] a red fox", "GENERATION_FAILED")]
    [InlineData("[[bad-media]] a red fox", "BAD_OUTPUT")]
    public async Task What_becomes_of_the_one_becomes_of_the_other(string prompt, string end)
    {
        await using var upstream = await TestZoetrope.StartAsync();
        var buyer = await upstream.Api.CreateCustomerAsync();
        await using var gateway = await TestZoetrope.StartAsync(new TestServer
        {
            Settings = new Dictionary<string, string?>
            {
                ["Providers:vicsee:BaseUrl"] = upstream.Api.Address.ToString(),
                ["Providers:vicsee:ApiKey"] = buyer.Key,
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
            },
        });
        var customer = await gateway.Api.CreateCustomerAsync(mode: "live");
        var image = $"data:image/png;base64,{Convert.ToBase64String(await FakeMedia.MakeAsync(new ResultShape("png", 64, 64, 0, 0, false)))}";

        var id = (await gateway.Api.GenerateAsync(customer, new { model = "flux-2-pro-image-to-image", input = new { prompt, image_urls = new[] { image }, resolution = "1K", aspect_ratio = "1:1" } })).Expect(200).Data.GetProperty("id").GetString();
        var task = (await gateway.Api.GetAsync(customer, $"/api/v1/tasks/{id}?wait=60")).Expect(200).Data;

        Assert.Equal(end, task.GetProperty("status").GetString() == "failed" ? task.GetProperty("error").GetProperty("code").GetString() : task.GetProperty("status").GetString());
        var bought = Assert.Single((await upstream.Api.GetAsync(buyer, "/api/v1/tasks")).Expect(200).Data.GetProperty("tasks").EnumerateArray());
        Assert.Equal(prompt, bought.GetProperty("prompt").GetString());
        if (end == "completed")
        {
            Assert.NotEmpty(await gateway.Api.DownloadAsync(task.GetProperty("result").GetProperty("url").GetString()!));
            Assert.Equal(bought.GetProperty("result").GetProperty("width").GetInt32(), task.GetProperty("result").GetProperty("width").GetInt32());
        }
    }
}
