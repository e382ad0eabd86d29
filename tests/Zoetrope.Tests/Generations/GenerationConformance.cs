using System.Text.Json;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations;

/// <summary>From the request to the file over HTTP, with a real server and a vendor that speaks real HTTP, on both databases.</summary>
public abstract class GenerationConformance : VendorScene
{
    private const string Image = "flux-2-pro-text-to-image";



    [Theory]
    [InlineData("""{"model":"flux-2-pro-text-to-image","input":{"prompt":"A red fox","aspect_ratio":"16:9"}}""")]
    [InlineData("""{"model":"flux-2-pro-text-to-image","prompt":"A red fox","options":{"aspectRatio":"16:9"}}""")]
    [InlineData("""{"model":"flux-2-pro-text-to-image","prompt":"A red fox","input":{"aspect_ratio":"16:9"}}""")]
    public async Task Every_documented_shape_of_a_request_becomes_a_file_of_the_asked_shape(string body)
    {
        var customer = await Api.CreateCustomerAsync(credits: 1000);

        var created = (await Api.SendAsync(HttpMethod.Post, "/api/v1/generate", customer.Key, body)).Expect(200).Data;
        var task = await Api.WaitAsync(customer, created.GetProperty("id").GetString()!);

        Assert.Equal("completed", task.GetProperty("status").GetString());
        var file = await FfProbe.ReadAsync(await Api.DownloadAsync(task.GetProperty("result").GetProperty("url").GetString()!));
        Assert.Equal(16.0 / 9, (double)file.Width / file.Height, 0.02);
        Assert.Equal(1000 - created.GetProperty("creditsUsed").GetInt64(), await Api.CreditsAsync(customer));
        Assert.Equal("A red fox", Assert.Single(Provider.Books.Accepted).Prompt);
    }

    // The signature, then fourteen bits each of width and height, and four of flags and the version.
    private const int HeaderOfVp8L = 5;

    [Fact]
    public async Task An_input_that_cannot_be_converted_ends_the_task_unpaid()
    {
        var customer = await Api.CreateCustomerAsync(credits: 1000);

        // Its header says how large it is, so that it is admitted; its picture is noise.
        var broken = await File.ReadAllBytesAsync(TestMedia.LosslessWebP);
        var picture = broken.AsSpan().IndexOf("VP8L"u8) + "VP8L".Length + sizeof(int) + HeaderOfVp8L;
        broken.AsSpan(picture).Fill(0xff);

        var body = JsonSerializer.Serialize(new { model = "flux-2-pro-image-to-image", input = new { prompt = "In snow", image_urls = new[] { "data:image/webp;base64," + Convert.ToBase64String(broken) } } });
        var created = (await Api.SendAsync(HttpMethod.Post, "/api/v1/generate", customer.Key, body)).Expect(200).Data;
        var task = await Api.WaitAsync(customer, created.GetProperty("id").GetString()!);

        Assert.Equal("failed", task.GetProperty("status").GetString());
        Assert.Contains("image_urls: The image (image/webp) cannot be decoded", task.GetProperty("error").GetProperty("message").GetString());
        Assert.Equal(1000, await Api.CreditsAsync(customer));
        Assert.Equal(0, Provider.Books.Submits);
    }

    [Theory]
    [InlineData(nameof(SubmitFault.ResetAfterAcceptance))]
    [InlineData(nameof(SubmitFault.ResetMidBodyAfterAcceptance))]
    [InlineData(nameof(SubmitFault.ErrorAfterAcceptance))]
    [InlineData(nameof(SubmitFault.MalformedAfterAcceptance))]
    [InlineData(nameof(SubmitFault.RateLimitedWithRetryAfter))]
    public async Task A_fault_at_the_submit_ends_in_one_job_at_the_vendor_and_one_charge(string fault)
    {
        Provider.Books.Plan(new JobPlan { Submit = Enum.Parse<SubmitFault>(fault) });
        var customer = await Api.CreateCustomerAsync(credits: 1000);

        var created = (await Api.GenerateAsync(customer, Request())).Expect(200).Data;
        var task = await Api.WaitAsync(customer, created.GetProperty("id").GetString()!);

        Assert.Equal("completed", task.GetProperty("status").GetString());
        Assert.Single(Provider.Books.Accepted);
        Assert.Equal(1000 - created.GetProperty("creditsUsed").GetInt64(), await Api.CreditsAsync(customer));
    }

    [Theory]
    [InlineData(nameof(PollAnswer.Failed), nameof(ResultFault.None))]
    [InlineData(nameof(PollAnswer.Moderated), nameof(ResultFault.None))]
    [InlineData(nameof(PollAnswer.Succeeded), nameof(ResultFault.Html))]
    [InlineData(nameof(PollAnswer.Succeeded), nameof(ResultFault.RedirectToPrivateAddress))]
    public async Task A_failure_is_read_with_200_and_gives_everything_back(string answer, string result)
    {
        Provider.Books.Plan(new JobPlan { Polls = [Enum.Parse<PollAnswer>(answer)], Result = Enum.Parse<ResultFault>(result) });
        var customer = await Api.CreateCustomerAsync(credits: 1000);

        var created = (await Api.GenerateAsync(customer, Request())).Expect(200).Data;
        var task = await Api.WaitAsync(customer, created.GetProperty("id").GetString()!);

        Assert.Equal("failed", task.GetProperty("status").GetString());
        Assert.NotEqual("", task.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, task.GetProperty("result").ValueKind);
        Assert.Equal(1000, await Api.CreditsAsync(customer));
    }

    [Fact]
    public async Task Racing_requests_against_a_balance_for_seventeen_start_seventeen()
    {
        var price = (await PriceAsync()).GetProperty("credits").GetInt64();
        var customer = await Api.CreateCustomerAsync(credits: price * 17);

        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Api.GenerateAsync(customer, Request())));

        Assert.Equal(17, replies.Count(reply => reply.Status == 200));
        Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal((402, "INSUFFICIENT_CREDITS"), (reply.Status, reply.Code)));
        Assert.Equal(0, await Api.CreditsAsync(customer));
        foreach (var reply in replies.Where(reply => reply.Status == 200))
        {
            await Api.WaitAsync(customer, reply.Data.GetProperty("id").GetString()!);
        }

        Assert.Equal(17, Provider.Books.Accepted.Count);
    }

    [Fact]
    public async Task Racing_requests_with_one_idempotency_key_start_one_task()
    {
        var customer = await Api.CreateCustomerAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Api.GenerateAsync(customer, Request(), "the-same")));

        Assert.All(replies, reply => Assert.True(reply.Status == 200 || (reply.Status, reply.Code) == (409, "IDEMPOTENCY_IN_PROGRESS"), reply.Text));
        var id = Assert.Single(replies.Where(reply => reply.Status == 200).Select(reply => reply.Data.GetProperty("id").GetString()).Distinct());
        await Api.WaitAsync(customer, id!);
        Assert.Single(Provider.Books.Accepted);
    }

    [Fact]
    public async Task A_repeated_idempotency_key_answers_the_same_bytes_and_a_changed_request_is_refused()
    {
        var customer = await Api.CreateCustomerAsync();
        var stranger = await Api.CreateCustomerAsync();

        var first = (await Api.GenerateAsync(customer, Request(), "a-key")).Expect(200);
        var again = (await Api.GenerateAsync(customer, Request(), "a-key")).Expect(200);
        var reordered = await Api.SendAsync(HttpMethod.Post, "/api/v1/generate", customer.Key,
            $$""" { "input" : { "aspect_ratio":"1:1", "prompt":"A red fox" }, "model":"{{Image}}" } """, "a-key");
        var changed = await Api.GenerateAsync(customer, Request("A blue fox"), "a-key");
        var foreign = (await Api.GenerateAsync(stranger, Request(), "a-key")).Expect(200);

        Assert.Equal(first.Text, again.Text);
        Assert.Equal(first.Text, reordered.Expect(200).Text);
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal((422, "IDEMPOTENCY_MISMATCH"), (changed.Status, changed.Code));
        Assert.NotEqual(first.Text, foreign.Text);
    }

    [Fact]
    public async Task An_idempotency_key_has_limits_and_a_refused_request_does_not_use_it_up()
    {
        var customer = await Api.CreateCustomerAsync();

        var tooLong = await Api.GenerateAsync(customer, Request(), new string('k', 256));
        var longest = await Api.GenerateAsync(customer, Request(), new string('k', 255));
        var refused = await Api.GenerateAsync(customer, new { model = "no-such-model" }, "retry");
        var corrected = await Api.GenerateAsync(customer, Request(), "retry");

        Assert.Equal((400, "INVALID_IDEMPOTENCY_KEY"), (tooLong.Status, tooLong.Code));
        Assert.Equal(200, longest.Status);
        Assert.Equal((400, "INVALID_MODEL"), (refused.Status, refused.Code));
        Assert.Equal(200, corrected.Status);
    }

    [Fact]
    public async Task A_foreign_task_reads_as_one_that_does_not_exist()
    {
        var owner = await Api.CreateCustomerAsync();
        var stranger = await Api.CreateCustomerAsync();
        var id = (await Api.GenerateAsync(owner, Request())).Expect(200).Data.GetProperty("id").GetString();

        var foreign = await Api.GetAsync(stranger, $"/api/v1/tasks/{id}");

        Assert.Equal((404, "TASK_NOT_FOUND"), (foreign.Status, foreign.Code));
        (await Api.GetAsync(owner, $"/api/v1/tasks/{id}")).Expect(200);
    }

    private static object Request(string prompt = "A red fox") => new { model = Image, input = new { prompt, aspect_ratio = "1:1" } };

    private async Task<JsonElement> PriceAsync()
    {
        var customer = await Api.CreateCustomerAsync();
        return (await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, JsonSerializer.Serialize(Request()))).Expect(200).Data;
    }
}

public sealed class SqliteGenerationTests : GenerationConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresGenerationTests : GenerationConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
