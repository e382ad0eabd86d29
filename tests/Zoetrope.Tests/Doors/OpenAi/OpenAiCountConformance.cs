using System.Text.Json;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OpenAi;

/// <summary><c>n</c> images of one request: held together, answered together, and paid for one by one.</summary>
public abstract class OpenAiCountConformance : VendorScene
{
    private const string Path = "/v1/images/generations";

    private protected override TestServer Wanted => new() { Settings = new Dictionary<string, string?> { ["OpenAi:ImageWaitSeconds"] = "60" } };

    [Fact]
    public async Task Every_image_comes_as_bytes_or_as_a_url_and_under_a_key_only_once()
    {
        var customer = await Api.CreateCustomerAsync(10_000);
        var bytes = (await PostAsync(customer, """{"model":"flux-2-pro","prompt":"a red fox","n":3}""", "k")).Expect(200);
        var again = (await PostAsync(customer, """{"model":"flux-2-pro","prompt":"a red fox","n":3}""", "k")).Expect(200);
        var urls = (await PostAsync(customer, """{"model":"flux-2-pro","prompt":"a red fox","n":"2","response_format":"url"}""")).Expect(200);

        foreach (var image in bytes.Json.GetProperty("data").EnumerateArray())
        {
            var file = await FfProbe.ReadAsync(image.GetProperty("b64_json").GetBytesFromBase64());
            Assert.Equal(bytes.Json.GetProperty("size").GetString(), $"{file.Width}x{file.Height}");
        }

        Assert.Equal(3, bytes.Json.GetProperty("data").GetArrayLength());
        Assert.Equal((bytes.Text, true), (again.Text, again.Headers.Contains("Idempotent-Replayed")));
        Assert.Equal(2, urls.Json.GetProperty("data").EnumerateArray().Select(image => image.GetProperty("url").GetString()).Distinct().Count());
        Assert.False(bytes.Headers.Contains("Zoetrope-Failed-Images"));
        var tasks = await TasksAsync(customer);
        Assert.Equal(5, tasks.Count);
        Assert.Equal(10_000 - tasks.Sum(task => task.GetProperty("creditsUsed").GetInt64()), await Api.CreditsAsync(customer));
        Assert.Equal((422, "idempotency_mismatch"), Refusal(await PostAsync(customer, """{"model":"flux-2-pro","prompt":"a red fox","n":2}""", "k")));
    }

    [Fact]
    public async Task What_fails_is_left_out_and_not_charged_and_only_when_all_fail_is_it_an_error()
    {
        var customer = await Api.CreateCustomerAsync(10_000);
        Provider.Books.Plan(new JobPlan { Polls = [PollAnswer.Moderated] });
        var some = (await PostAsync(customer, """{"model":"flux-2-pro","prompt":"some","n":3,"response_format":"url"}""")).Expect(200);
        var price = 10_000 - await Api.CreditsAsync(customer);
        Provider.Books.Plan(new JobPlan { Polls = [PollAnswer.Moderated] }, new JobPlan { Polls = [PollAnswer.Moderated] });
        var none = await PostAsync(customer, """{"model":"flux-2-pro","prompt":"none","n":2}""");
        Provider.Books.Plan(new JobPlan { Polls = [PollAnswer.Moderated] });
        var stream = (await PostAsync(customer, """{"model":"flux-2-pro","prompt":"stream","n":3,"stream":true}""")).Expect(200);

        Assert.Equal(2, some.Json.GetProperty("data").GetArrayLength());
        Assert.Equal("1", Assert.Single(some.Headers.GetValues("Zoetrope-Failed-Images")));
        Assert.Equal((400, "moderation_blocked"), Refusal(none));
        Assert.Equal(2, stream.Text.Split("event: image_generation.completed\n").Length - 1);
        Assert.DoesNotContain("event: error", stream.Text, StringComparison.Ordinal);
        Assert.Equal(10_000 - (2 * price), await Api.CreditsAsync(customer));
        Assert.Equal(4, (await TasksAsync(customer)).Count(task => task.GetProperty("status").GetString() == "failed"));
    }

    [Fact]
    public async Task All_are_affordable_or_none_is_made()
    {
        var rich = await Api.CreateCustomerAsync(10_000);
        (await PostAsync(rich, """{"model":"flux-2-pro","prompt":"one","response_format":"url"}""")).Expect(200);
        var price = 10_000 - await Api.CreditsAsync(rich);
        var poor = await Api.CreateCustomerAsync((price * 4) - 1);

        var refused = await PostAsync(poor, """{"model":"flux-2-pro","prompt":"four","n":4}""");

        Assert.Equal((402, "insufficient_quota"), Refusal(refused));
        Assert.Equal((price * 4) - 1, await Api.CreditsAsync(poor));
        Assert.Empty(await TasksAsync(poor));
    }

    [Fact]
    public async Task A_given_seed_goes_on_from_image_to_image()
    {
        var customer = await Api.CreateCustomerAsync(10_000);

        (await PostAsync(customer, """{"model":"flux-2-pro","prompt":"seeded","n":3,"seed":41,"response_format":"url"}""")).Expect(200);

        Assert.Equal([41, 42, 43], (await TasksAsync(customer)).Select(task => task.GetProperty("resolvedParams").GetProperty("seed").GetInt32()).Order());
    }

    private static (int Status, string? Code) Refusal(Reply reply) => (reply.Status, reply.Code);

    private Task<Reply> PostAsync(Customer customer, string body, string? key = null) => Api.SendAsync(HttpMethod.Post, Path, customer.Key, body, key);

    private async Task<List<JsonElement>> TasksAsync(Customer customer) => [.. (await Api.GetAsync(customer, "/api/v1/tasks")).Expect(200).Data.GetProperty("tasks").EnumerateArray()];
}

public sealed class SqliteOpenAiCountTests : OpenAiCountConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresOpenAiCountTests : OpenAiCountConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
