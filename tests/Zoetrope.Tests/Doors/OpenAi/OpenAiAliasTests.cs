using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OpenAi;

/// <summary>The operator's names for models, written well and badly.</summary>
public sealed class OpenAiAliasTests
{
    [Fact]
    public async Task A_name_given_twice_stops_the_start()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () => await (await StartAsync("a = nano-banana-pro, A = gpt-image-2")).DisposeAsync());

        Assert.Contains("more than once", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_of_a_model_that_is_not_there_stops_nothing_and_is_not_listed()
    {
        await using var zoetrope = await StartAsync("dall-e-3 = nano-banana-pro, fox = red-fox-1");
        var customer = await zoetrope.Api.CreateCustomerAsync();

        var models = (await zoetrope.Api.GetAsync(customer, "/v1/models")).Expect(200).Json.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).ToList();
        var refused = await zoetrope.Api.SendAsync(HttpMethod.Post, "/v1/images/generations", customer.Key, """{"model":"fox","prompt":"a"}""");

        Assert.Contains("dall-e-3", models);
        Assert.DoesNotContain("fox", models);
        Assert.Equal((404, "model_not_found"), (refused.Status, refused.Code));
    }

    private static Task<TestZoetrope> StartAsync(string aliases) => TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["OpenAi:Aliases"] = aliases } });
}
