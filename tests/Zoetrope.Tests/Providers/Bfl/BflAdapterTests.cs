using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Bfl;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Bfl;

/// <summary>What is special at Black Forest Labs: where the key goes, polling URLs, words in the wrong status.</summary>
public sealed class BflAdapterTests(VendorServer<BflVendor> server) : IClassFixture<VendorServer<BflVendor>>
{
    private static readonly Uri Global = new("https://api.bfl.ai/");
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private FakeBfl Vendor => (FakeBfl)server.Vendor;

    [Theory]
    [InlineData("https://api.bfl.ai/v1/get_result?id=1", true)]
    [InlineData("https://api.us2.bfl.ai/v1/get_result?id=1", true)]
    [InlineData("https://bfl.ai/x", true)]
    [InlineData("http://api.us.bfl.ai/x", false)]
    [InlineData("https://api.us.bfl.ai:8443/x", false)]
    [InlineData("https://evilbfl.ai/x", false)]
    [InlineData("https://bfl.ai.evil.example/x", false)]
    [InlineData("https://delivery.example/x", false)]
    public void The_key_goes_to_the_vendors_own_hosts_only(string url, bool may) =>
        Assert.Equal(may, BflWire.MayCarryKey(Global, new Uri(url)));

    [Fact]
    public void With_an_own_address_the_key_stays_at_that_origin_or_the_vendors()
    {
        var gateway = new Uri("http://gateway.internal:8080/bfl/");

        Assert.True(BflWire.MayCarryKey(gateway, new Uri("http://gateway.internal:8080/v1/get_result?id=1")));
        Assert.False(BflWire.MayCarryKey(gateway, new Uri("http://gateway.internal:9090/v1/get_result?id=1")));
        Assert.False(BflWire.MayCarryKey(gateway, new Uri("https://gateway.internal:8080/v1/get_result?id=1")));
        Assert.False(BflWire.MayCarryKey(gateway, new Uri("http://other.internal:8080/v1/get_result?id=1")));
        Assert.True(BflWire.MayCarryKey(gateway, new Uri("https://api.eu.bfl.ai/v1/get_result?id=1")));
    }

    [Fact]
    public async Task A_job_is_read_where_the_answer_says_and_not_where_it_was_sent()
    {
        var accepted = await AcceptAsync("polled in its region");

        Assert.StartsWith(new Uri(Vendor.Region, "v1/get_result?id=").ToString(), accepted.ProviderTaskId);
        Assert.IsType<PollResult.Running>(await PollAsync(accepted.ProviderTaskId));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://localhost:9/v1/get_result?id=1")]
    [InlineData("https://collector.example/v1/get_result?id=1")]
    public async Task A_polling_url_that_is_missing_or_not_the_vendors_is_never_called(string? url)
    {
        await using var vendor = new FakeBfl { PollingUrl = _ => url, GlobalHostReads = true };
        await vendor.OpenAsync();
        var adapter = new BflAdapter(Tools(vendor));

        var accepted = Assert.IsType<SubmitResult.Accepted>(await adapter.SubmitAsync(Request("no url"), CancellationToken.None));

        Assert.StartsWith(new Uri(vendor.Address, "/v1/get_result?id=").ToString(), accepted.ProviderTaskId);
        Assert.IsType<PollResult.Running>(await adapter.PollAsync(Request("no url"), accepted.ProviderTaskId, CancellationToken.None));
    }

    [Fact]
    public async Task A_polling_url_at_another_port_of_the_configured_host_never_sees_the_key()
    {
        await using var other = new FakeBfl();
        await other.OpenAsync();
        await using var vendor = new FakeBfl { PollingUrl = job => new Uri(other.Address, $"/v1/get_result?id={job.Id}").ToString(), GlobalHostReads = true };
        await vendor.OpenAsync();
        var adapter = new BflAdapter(Tools(vendor));

        var accepted = Assert.IsType<SubmitResult.Accepted>(await adapter.SubmitAsync(Request("another port"), CancellationToken.None));
        Assert.IsType<PollResult.Running>(await adapter.PollAsync(Request("another port"), accepted.ProviderTaskId, CancellationToken.None));
        Assert.IsType<PollResult.Unreadable>(await adapter.PollAsync(Request("another port"), BflWire.Handle(new Uri(other.Address, "/v1/get_result?id=1"), Now), CancellationToken.None));

        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task An_answer_that_moderates_at_once_is_a_refusal_however_well_it_looks()
    {
        var read = BflWire.ReadSubmit(await Answer(200, """{"id":"1","status":"Request Moderated","webhook_url":"https://x.example"}"""), Global, Now, Second);

        Assert.Equal(ProviderErrorKind.ContentRefused, Assert.IsType<SubmitResult.Refused>(read).Error.Kind);
    }

    [Fact]
    public async Task A_redirect_of_a_poll_is_followed_to_the_vendors_hosts_only()
    {
        var accepted = await AcceptAsync("redirected");
        var id = accepted.RequestId;

        var followed = await PollAsync(BflWire.Handle(new Uri(Vendor.Address, $"/elsewhere/get_result?id={id}"), Now));

        Assert.IsType<PollResult.Running>(followed);
        var away = Answer(307, "", ("Location", "https://evil.example/v1/get_result"));
        Assert.Null(BflWire.Moved(await away, Global, Global));
        Assert.IsType<PollResult.Unreadable>(await PollAsync(BflWire.Handle(new Uri("https://evil.example/v1/get_result?id=1"), Now)));
    }

    [Fact]
    public async Task A_job_not_found_is_running_while_it_is_young_and_expired_after()
    {
        var answer = await Answer(404, """{"id":"1","status":"Task not found"}""");

        Assert.IsType<PollResult.Running>(BflWire.ReadPoll(answer, TimeSpan.FromSeconds(9), Second));
        Assert.Equal(ProviderErrorKind.Expired, Assert.IsType<PollResult.Failed>(BflWire.ReadPoll(answer, TimeSpan.FromSeconds(10), Second)).Error.Kind);
    }

    [Fact]
    public void A_handle_keeps_the_whole_url_and_the_hour()
    {
        var url = new Uri("https://api.us.bfl.ai/v1/get_result?id=5b&sig=a%2Fb%23c");

        Assert.Equal((url, Now), BflWire.ReadHandle(BflWire.Handle(url, Now)));
    }

    [Theory]
    [InlineData(200, """{"status":"Pending"}""", null)]
    [InlineData(200, """{"status":"Reasoning"}""", null)]
    [InlineData(200, """{"status":"Generating","progress":0.5}""", null)]
    [InlineData(200, """{"status":"Something New"}""", null)]
    [InlineData(200, """{"status":"Ready","result":{"sample":"https://delivery.us.bfl.ai/a.png"}}""", "")]
    [InlineData(200, """{"status":"Ready","result":null}""", "BadOutput")]
    [InlineData(200, """{"status":"Ready","result":{"sample":"ftp://x"}}""", "BadOutput")]
    [InlineData(200, """{"status":"Request Moderated","details":"no"}""", "ContentRefused")]
    [InlineData(200, """{"status":"Content Moderated","cost":4.5}""", "ContentRefused charged")]
    [InlineData(503, """{"status":"Error","details":"boom"}""", "Unavailable")]
    [InlineData(200, """{"status":"Failed","cost":1}""", "Unavailable charged")]
    [InlineData(503, """{"detail":"capacity"}""", "unreadable")]
    [InlineData(500, """{"status":"Whatever"}""", "unreadable")]
    [InlineData(200, "[]", "unreadable")]
    public async Task Each_status_means_one_thing(int http, string body, string? expected)
    {
        var read = BflWire.ReadPoll(await Answer(http, body), TimeSpan.FromHours(1), Second);

        Assert.Equal(expected, read switch
        {
            null => "unreadable",
            PollResult.Running => null,
            PollResult.Succeeded => "",
            PollResult.Failed failed => $"{failed.Error.Kind}{(failed.Error.Charged ? " charged" : "")}",
            _ => read.ToString(),
        });
    }

    [Theory]
    [InlineData(403, """{"detail":"Not authenticated"}""", "Auth", "http_403")]
    [InlineData(422, """{"detail":"Invalid API key format"}""", "Auth", "http_422")]
    [InlineData(401, """{"detail":"no"}""", "Auth", "http_401")]
    [InlineData(402, """{"detail":"Insufficient credits"}""", "QuotaExhausted", "http_402")]
    [InlineData(429, """{"detail":"Insufficient credits"}""", "QuotaExhausted", "http_429")]
    [InlineData(429, """{"detail":"Too many active tasks"}""", "RateLimited", "http_429")]
    [InlineData(400, """{"detail":"Image is larger than 16 MP"}""", "InvalidInput", "http_400")]
    [InlineData(422, """{"detail":[{"loc":["body","seed"],"msg":"Extra inputs are not permitted","type":"extra_forbidden"}]}""", "InvalidInput", "extra_forbidden")]
    [InlineData(422, """{"detail":"Request Moderated"}""", "ContentRefused", "http_422")]
    [InlineData(404, "Not Found", "Unavailable", "http_404")]
    public async Task Each_refusal_has_its_kind(int http, string body, string kind, string code)
    {
        var error = BflWire.ReadRefusal(await Answer(http, body))!;

        Assert.Equal((kind, code), (error.Kind.ToString(), error.VendorCode));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    public async Task A_server_error_of_a_submit_proves_nothing(int http) =>
        Assert.Null(BflWire.ReadRefusal(await Answer(http, """{"detail":"Not authenticated"}""")));

    [Fact]
    public async Task A_field_is_named_in_the_message()
    {
        var error = BflWire.ReadRefusal(await Answer(422, """{"detail":[{"loc":["body","images",0],"msg":"too small","type":"value_error"},{"loc":["body","prompt"],"msg":"missing","type":"missing"}]}"""))!;

        Assert.Equal("images.0: too small; prompt: missing", error.VendorMessage);
    }

    private async Task<SubmitResult.Accepted> AcceptAsync(string prompt)
    {
        Vendor.Books.PlanFor(prompt, new JobPlan { Polls = [PollAnswer.Running] });
        return Assert.IsType<SubmitResult.Accepted>(await server.Adapter.SubmitAsync(Request(prompt), CancellationToken.None));
    }

    private Task<PollResult> PollAsync(string handle) => server.Adapter.PollAsync(Request(""), handle, CancellationToken.None);

    private ProviderTools Tools(FakeBfl vendor) =>
        ((ProviderToolbox)server.Services.GetService(typeof(ProviderToolbox))!).For(BflAdapter.Vendor, new ProviderOptions { ApiKey = vendor.Key, BaseUrl = vendor.BaseUrl.ToString() })!;

    private ProviderRequest Request(string prompt) => AdapterRequests.Of(Vendor, TimeProvider.System, "flux-2-pro-text-to-image", prompt);

    private static Task<VendorAnswer> Answer(int status, string body, params (string Name, string Value)[] headers) => Answers.OfAsync(status, body, headers);
}
