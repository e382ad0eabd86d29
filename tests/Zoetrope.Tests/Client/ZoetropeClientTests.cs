using System.Text.Json;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Client;

/// <summary>The client against the real server, with faults on the way.</summary>
public sealed class ZoetropeClientTests : IAsyncLifetime
{
    private static readonly GenerateRequest Fox = new() { Model = "flux-2-pro-text-to-image", Prompt = "A red fox" };

    private readonly Faults _faults = new();
    private readonly TemporaryDirectory _directory = new();
    private FakeProvider _provider = null!;
    private FakeProviderAdapter _adapter = null!;
    private TestZoetrope _zoetrope = null!;
    private Customer _customer = null!;
    private ZoetropeClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        _adapter = new FakeProviderAdapter(_provider, EvidenceClass.QueryByOurId);
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { Provider = _adapter });
        _customer = await _zoetrope.Api.CreateCustomerAsync(credits: 1000);
        _client = Client();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _faults.Dispose();
        await _zoetrope.DisposeAsync();
        _adapter.Dispose();
        await _provider.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Lost_answers_of_a_submit_end_in_one_task_and_one_charge(int lost)
    {
        _faults.LostAnswers.UnionWith(Enumerable.Range(1, lost));

        var created = await _client.GenerateAsync(Fox);
        var task = await _client.WaitAsync(created.Id);

        Assert.Equal("completed", task.Status);
        Assert.Single(_provider.Books.Accepted);
        Assert.Equal(created.Id, Assert.Single((await _client.ListAsync()).Tasks).Id);
        Assert.Equal(1000 - created.CreditsUsed, (await _client.CreditsAsync()).Credits);
        Assert.Single(_faults.Seen.Where(seen => seen.Request == "POST /api/v1/generate").Select(seen => seen.Key).Distinct());
        Assert.Equal(lost + 1, _faults.Seen.Count(seen => seen.Key is not null));
    }

    [Fact]
    public async Task A_submit_that_is_given_up_tells_its_key_and_can_be_taken_up_with_it()
    {
        _faults.LostAnswers.UnionWith([1, 2, 3, 4, 5]);

        var lost = await Assert.ThrowsAsync<ZoetropeConnectionException>(() => _client.GenerateAsync(Fox));
        var created = await _client.GenerateAsync(Fox, lost.IdempotencyKey);
        await _client.WaitAsync(created.Id);

        Assert.Single(_provider.Books.Accepted);
        Assert.Single((await _client.ListAsync()).Tasks);
    }

    [Fact]
    public async Task Two_calls_are_two_tasks()
    {
        await _client.GenerateAndWaitAsync(Fox);
        await _client.GenerateAndWaitAsync(Fox);

        Assert.Equal(2, _provider.Books.Accepted.Count);
        var all = new List<string>();
        await foreach (var task in _client.ListAllAsync(new TaskQuery { Limit = 1, Status = "completed" }))
        {
            all.Add(task.Id);
        }

        Assert.Equal(2, all.Distinct().Count());
    }

    [Fact]
    public async Task A_refusal_is_thrown_with_its_code_at_once()
    {
        var refused = await Assert.ThrowsAsync<ZoetropeRefusedException>(() => _client.GenerateAsync(Fox with { Input = Input("aspekt_ratio", "1:1") }));

        Assert.Equal(("UNKNOWN_PARAMETER", 400, "input.aspekt_ratio"), (refused.Code, refused.Status, refused.Error.Field));
        Assert.NotNull(refused.RequestId);
        Assert.Single(_faults.Seen);
    }

    [Fact]
    public async Task The_servers_wish_to_wait_is_granted_and_one_too_long_is_thrown()
    {
        _faults.Instead[1] = () => Faults.Busy(1);
        _faults.Instead[3] = () => Faults.Busy(3_600);
        var began = TimeProvider.System.GetTimestamp();

        await _client.CreditsAsync();
        var waited = TimeProvider.System.GetElapsedTime(began);
        var refused = await Assert.ThrowsAsync<ZoetropeRefusedException>(() => _client.CreditsAsync());

        Assert.True(waited >= TimeSpan.FromSeconds(0.99), $"{waited}");
        Assert.Equal(("HTTP_429", TimeSpan.FromHours(1)), (refused.Code, refused.RetryAfter));
        Assert.Equal(3, _faults.Seen.Count);
    }

    [Fact]
    public async Task A_failed_task_is_thrown_with_its_code()
    {
        _provider.Books.Plan(new JobPlan { Polls = [PollAnswer.Moderated] });

        var failed = await Assert.ThrowsAsync<ZoetropeTaskFailedException>(() => _client.GenerateAndWaitAsync(Fox));

        Assert.Equal(("CONTENT_REFUSED", "failed"), (failed.Code, failed.Task.Status));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(700)]
    [InlineData(1_500)]
    public async Task A_stream_that_breaks_is_resumed_without_a_gap(int cut)
    {
        var created = await _client.GenerateAsync(Fox);
        await _client.WaitAsync(created.Id);
        _faults.Cuts[_faults.Seen.Count + 1] = cut;

        var types = new List<string>();
        await foreach (var happened in _client.FollowAsync(created.Id))
        {
            types.Add(happened.Type);
        }

        Assert.Equal(["task.created", "task.processing", "task.completed"], types);
        Assert.Equal(2, _faults.Seen.Count(seen => seen.Request.EndsWith("/events", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task All_tasks_are_followed_until_the_caller_stops()
    {
        var created = await _client.GenerateAsync(Fox);

        await foreach (var happened in _client.FollowAllAsync(after: "0"))
        {
            Assert.Equal(created.Id, happened.Task.Id);
            if (happened.IsLast)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task An_upload_becomes_an_input_and_a_price_is_told_before()
    {
        var png = TestMedia.Image(512, 512);
        await using var content = File.OpenRead(png);
        // The ticket, then a lost answer of the PUT.
        _faults.LostAnswers.Add(2);

        var url = await _client.UploadAsync(content, "image/png");
        var request = new GenerateRequest { Model = "flux-2-pro-image-to-image", Prompt = "In snow", Input = Input("image_urls", new[] { url }) };
        var price = await _client.EstimateAsync(request);
        var task = await _client.GenerateAndWaitAsync(request);

        Assert.True(price is { Affordable: true, Credits: > 0 });
        Assert.Equal(price.Credits, task.CreditsUsed);
    }

    [Fact]
    public async Task A_task_is_cancelled()
    {
        _provider.Books.Plan(new JobPlan { Polls = [PollAnswer.Running] });
        var created = await _client.GenerateAsync(Fox);

        var cancellation = await _client.CancelAsync(created.Id);
        var task = await _client.WaitAsync(created.Id);

        Assert.Equal((created.Id, created.Model), (cancellation.Id, cancellation.Task?.Model));

        Assert.Equal("CANCELLED", task.Error?.Code);
        Assert.Equal(1000, (await _client.CreditsAsync()).Credits);
    }

    [Fact]
    public async Task A_key_that_may_not_read_is_told_the_id_and_the_status_of_what_it_cancels()
    {
        _provider.Books.Default = new JobPlan { Polls = [PollAnswer.Running] };
        using var limited = new ZoetropeClient(_zoetrope.Api.Address, await _zoetrope.Api.CreateKeyAsync(_customer.AccountId, limits: new { scopes = new[] { "generate" } }));
        var task = await limited.GenerateAsync(Fox);
        var batch = await limited.CreateBatchAsync([Fox, Fox]);

        var cancelled = await limited.CancelAsync(task.Id);
        var stopped = await limited.CancelBatchAsync(batch.Id);

        Assert.Equal((task.Id, null), (cancelled.Id, cancelled.Task));
        Assert.NotEqual("", cancelled.Status);
        Assert.Equal((batch.Id, null), (stopped.Id, stopped.Batch));
        Assert.Contains(stopped.Status, new[] { "processing", "completed" });
        Assert.Equal(batch.Id, (await _client.CancelBatchAsync(batch.Id)).Batch?.Id);
    }

    [Fact]
    public async Task A_model_is_read_by_any_name_that_a_request_may_use()
    {
        Assert.Equal("seedance-2-0-image-to-video", (await _client.ModelAsync("Seedance 2.0", ["image"])).Id);
        Assert.Equal("flux-2-pro-text-to-image", (await _client.ModelAsync("flux-2/pro-text-to-image")).Id);
        Assert.Equal("MODEL_NOT_FOUND", (await Assert.ThrowsAsync<ZoetropeRefusedException>(() => _client.ModelAsync("FLUX 2"))).Code);
    }

    [Fact]
    public async Task A_download_that_is_not_the_named_file_leaves_nothing()
    {
        var task = await _client.GenerateAndWaitAsync(Fox);
        var path = Path.Combine(_directory.Path, "wrong.png");

        await Assert.ThrowsAsync<ZoetropeDamagedFileException>(() => _client.DownloadAsync(task.Result! with { Sha256 = new string('0', 64) }, path));

        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    private static Dictionary<string, JsonElement> Input(string name, object value) => new() { [name] = JsonSerializer.SerializeToElement(value) };

    private ZoetropeClient Client() => new(_zoetrope.Api.Address, _customer.Key, new ZoetropeClientOptions { Handler = _faults, RetryDelay = TimeSpan.FromMilliseconds(5) });
}
