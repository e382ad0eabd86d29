using System.Net.Http.Headers;
using System.Text;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OpenAi;

/// <summary>An image request ends before its task: by the time limit, or because the client left. The task runs on either way.</summary>
public sealed class OpenAiWaitTests
{
    private const string Path = "/v1/images/generations";

    [Fact]
    public async Task A_slow_image_is_named_when_the_time_is_over_and_its_key_finds_it_again()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["OpenAi:ImageWaitSeconds"] = "1" } });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        const string body = """{"model":"nano-banana-pro","prompt":"[[slow:4s]] a red fox","response_format":"url"}""";

        var early = await zoetrope.Api.SendAsync(HttpMethod.Post, Path, customer.Key, body, "once");
        var id = (await TasksAsync(zoetrope, customer))[0];
        await zoetrope.Api.WaitAsync(customer, id);
        var again = (await zoetrope.Api.SendAsync(HttpMethod.Post, Path, customer.Key, body, "once")).Expect(200);

        Assert.Equal((404, "no_result"), (early.Status, early.Code));
        Assert.Contains(id, early.Json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("/files/", again.Json.GetProperty("data")[0].GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Single(await TasksAsync(zoetrope, customer));
    }

    [Fact]
    public async Task A_client_that_leaves_has_its_image_made_all_the_same()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        var customer = await zoetrope.Api.CreateCustomerAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using (var request = new HttpRequestMessage(HttpMethod.Post, new Uri(zoetrope.Api.Address, Path)))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer.Key);
            request.Content = new StringContent("""{"model":"nano-banana-pro","prompt":"[[slow:2s]] a red fox","stream":true}""", Encoding.UTF8, "application/json");

            // A stream's headers come when the task is made; then the connection is cut.
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.True(answer.IsSuccessStatusCode);
        }

        var task = await zoetrope.Api.WaitAsync(customer, Assert.Single(await TasksAsync(zoetrope, customer)));

        Assert.Equal("completed", task.GetProperty("status").GetString());
    }

    private static async Task<List<string>> TasksAsync(TestZoetrope zoetrope, Customer customer) =>
    [
        .. (await zoetrope.Api.GetAsync(customer, "/api/v1/tasks")).Expect(200).Data.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!),
    ];
}
