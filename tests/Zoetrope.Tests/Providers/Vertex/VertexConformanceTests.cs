using Zoetrope.Server.Providers;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Vertex;

public sealed class VertexVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeVertex();
}

public sealed class VertexConformanceTests(VendorServer<VertexVendor> server) : ProviderConformance<VertexVendor>(server), IAsyncLifetime
{
    // A token is there before anything is counted.
    public async ValueTask InitializeAsync() => await Server.Adapter.CheckAsync(new ProviderKey(Vendor.Key), CancellationToken.None);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private protected override bool ResultsInline => true;

    private protected override string BadKey => ((FakeVertex)Vendor).WriteKey("bad.json", "nobody@film-project.iam.gserviceaccount.com", new Uri(Vendor.Address, "/token").ToString());

    private protected override object Request(string prompt) => new { model = "veo-3-1-lite-text-to-video", prompt, input = new { duration = 4 } };

    public static TheoryData<string, object> Asks => new()
    {
        { "veo-3-1-text-to-video", new { duration = 6, resolution = "720p", aspect_ratio = "9:16", audio = false, negative_prompt = "rain", seed = 4_294_967_295 } },
        { "veo-3-1-text-to-video", new { duration = 8, resolution = "4k" } },
        { "veo-3-1-image-to-video", new { duration = 8, resolution = "1080p", image_urls = new[] { DataUri("png") } } },
        { "veo-3-1-first-last-frame-to-video", new { image_urls = new[] { DataUri("png"), DataUri("jpeg") } } },
        { "veo-3-1-reference-to-video", new { reference_image_urls = new[] { DataUri("png"), DataUri("jpeg"), DataUri("png") } } },
        { "veo-3-1-fast-text-to-video", new { duration = 4 } },
        { "veo-3-1-fast-image-to-video", new { image_urls = new[] { DataUri("jpeg") } } },
        { "veo-3-1-fast-first-last-frame-to-video", new { image_urls = new[] { DataUri("png"), DataUri("png") } } },
        { "veo-3-1-lite-text-to-video", new { duration = 8, resolution = "1080p", seed = 7 } },
        { "veo-3-1-lite-image-to-video", new { image_urls = new[] { DataUri("jpeg") } } },
        { "veo-3-1-lite-first-last-frame-to-video", new { duration = 4, image_urls = new[] { DataUri("png"), DataUri("jpeg") } } },
    };

    [Theory]
    [MemberData(nameof(Asks))]
    public async Task Every_model_is_asked_in_words_that_Google_knows(string model, object input)
    {
        Server.Clock.Advance(TimeSpan.FromHours(1));
        var prompt = NewPrompt();
        Vendor.Books.PlanFor(prompt, new JobPlan { Polls = [PollAnswer.Succeeded] });
        await AssertEndAsync(await Server.GenerateAsync(new { model, prompt, input }), prompt, "completed", 1);
    }

    [Fact]
    public async Task A_token_that_ends_during_a_job_is_renewed()
    {
        Server.Clock.Advance(TimeSpan.FromHours(1));
        var prompt = NewPrompt();
        PollAnswer[] polls = [PollAnswer.Running];
        Vendor.Books.PlanFor(prompt, new JobPlan { Polls = polls });
        var id = await Server.GenerateAsync(Request(prompt));
        await Server.UntilPolledAsync(id, prompt);

        var before = ((FakeVertex)Vendor).Tokens;
        ((FakeVertex)Vendor).ExpireTokens();
        polls[0] = PollAnswer.Succeeded;
        await AssertEndAsync(id, prompt, "completed", 1);
        Assert.Equal(before + 1_001, ((FakeVertex)Vendor).Tokens);
    }

    [Theory]
    [InlineData("https://tokens.example/token")]
    [InlineData("http://169.254.169.254/computeMetadata/v1/token")]
    public async Task A_key_file_does_not_choose_where_its_claims_go(string tokenUrl)
    {
        var path = ((FakeVertex)Vendor).WriteKey($"{Guid.NewGuid():n}.json", "zoetrope@film-project.iam.gserviceaccount.com", tokenUrl);

        var rejected = Assert.IsType<CheckResult.Rejected>(await Server.Adapter.CheckAsync(new ProviderKey(path), CancellationToken.None));

        Assert.Equal((ProviderErrorKind.Auth, "key_file"), (rejected.Error.Kind, rejected.Error.VendorCode));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"private_key\": \"SECRET\"")]
    [InlineData("{ \"type\": \"authorized_user\", \"refresh_token\": \"SECRET\" }")]
    [InlineData("{ \"type\": \"service_account\", \"client_email\": \"a@b\", \"private_key\": \"SECRET\" }")]
    public async Task A_broken_key_file_is_rejected_without_a_word_of_its_content(string content)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("key.json");
        File.WriteAllText(path, content);

        var rejected = Assert.IsType<CheckResult.Rejected>(await Server.Adapter.CheckAsync(new ProviderKey(path), CancellationToken.None));

        Assert.Equal(ProviderErrorKind.Auth, rejected.Error.Kind);
        Assert.DoesNotContain("SECRET", rejected.Error.ToString());
    }

    [Fact]
    public async Task A_missing_key_file_is_rejected() =>
        Assert.IsType<CheckResult.Rejected>(await Server.Adapter.CheckAsync(new ProviderKey("/nowhere/key.json"), CancellationToken.None));

    private static string DataUri(string format) =>
        $"data:image/{format};base64,{Convert.ToBase64String(File.ReadAllBytes(format == "png" ? TestMedia.Png : TestMedia.Jpeg))}";
}

/// <summary>Pictures: the answer to the submit is the result, as at the Gemini API.</summary>
public sealed class VertexImageConformanceTests(VendorServer<VertexVendor> server) : ProviderConformance<VertexVendor>(server), IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await Server.Adapter.CheckAsync(new ProviderKey(Vendor.Key), CancellationToken.None);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private protected override bool IsSynchronous => true;

    private protected override bool ResultsInline => true;

    private protected override string BadKey => ((FakeVertex)Vendor).WriteKey("bad.json", "nobody@film-project.iam.gserviceaccount.com", new Uri(Vendor.Address, "/token").ToString());

    private protected override object Request(string prompt) => new { model = "nano-banana-2-lite-text-to-image", prompt };

    [Theory]
    [InlineData("nano-banana-pro-text-to-image", "png")]
    [InlineData("nano-banana-2-1-text-to-image", "jpeg")]
    [InlineData("nano-banana-text-to-image", "png")]
    public async Task A_server_with_a_service_account_alone_makes_pictures(string model, string format)
    {
        Server.Clock.Advance(TimeSpan.FromHours(1));
        var prompt = NewPrompt();
        var task = await AssertEndAsync(await Server.GenerateAsync(new { model, prompt, input = new { output_format = format } }), prompt, "completed", 1);
        var bytes = await Server.Api.DownloadAsync(task.GetProperty("result").GetProperty("url").GetString()!);
        Assert.Equal(format == "png" ? (byte)'P' : (byte)0xD8, bytes[1]);
    }
}
