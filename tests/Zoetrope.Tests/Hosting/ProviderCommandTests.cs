using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Hosting;
using Zoetrope.Server.Hosting.Commands;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting;

/// <summary><c>providers check</c> and <c>providers try</c> against vendors on real ports.</summary>
public sealed class ProviderCommandTests : IAsyncLifetime
{
    private const string Model = "flux-2-pro-text-to-image";
    private const string GoodKey = "good-key-0123456789abcdef";
    private readonly TemporaryDirectory _directory = new();
    private FakeProvider _provider = null!;
    private FakeProviderAdapter _adapter = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        _adapter = new FakeProviderAdapter(_provider, EvidenceClass.None, "fal");
    }

    public async ValueTask DisposeAsync()
    {
        _adapter.Dispose();
        await _provider.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_check_tells_which_key_is_good_and_never_shows_one()
    {
        await using var vendor = await AccountVendorAsync();
        var (answer, text) = await CheckAsync(vendor.Urls.First(), $"{GoodKey},bad-key-fedcba9876543210");

        Assert.Equal("PROVIDER_CHECK_FAILED", answer.Failure?.Code);
        var fal = Provider(answer, "fal");
        Assert.Equal("Zoetrope__Providers__fal__ApiKey", (string?)fal["configuredBy"]);
        Assert.Equal(["proven", "rejected"], fal["keys"]!.AsArray().Select(key => (string)key!["result"]!));
        Assert.Equal(new ProviderKey(GoodKey).Id, (string?)fal["keys"]![0]!["id"]);
        Assert.Equal("12.50 USD left", (string?)fal["keys"]![0]!["detail"]);
        Assert.Contains("auth", (string?)fal["keys"]![1]!["detail"]);

        // The vendor repeats the refused key in its answer.
        var everything = answer.Json.ToJsonString() + text + answer.Failure?.Message;
        Assert.DoesNotContain("0123456789abcdef", everything);
        Assert.DoesNotContain("fedcba9876543210", everything);
    }

    [Fact]
    public async Task A_check_that_proves_all_keys_is_good_news()
    {
        await using var vendor = await AccountVendorAsync();
        var (answer, _) = await CheckAsync(vendor.Urls.First(), GoodKey);

        Assert.Null(answer.Failure);
    }

    [Fact]
    public async Task A_vendor_that_does_not_answer_is_bad_news()
    {
        var vendor = await AccountVendorAsync();
        var gone = vendor.Urls.First();
        await vendor.DisposeAsync();

        var (answer, _) = await CheckAsync(gone, GoodKey);

        Assert.Equal("PROVIDER_CHECK_FAILED", answer.Failure?.Code);
        Assert.Equal("unreachable", (string?)Provider(answer, "fal")["keys"]![0]!["result"]);
    }

    [Fact]
    public async Task A_key_that_cannot_be_proven_is_no_failure_and_models_tell_what_is_missing()
    {
        await using var providers = Open();

        var answer = await CheckAsync(providers);

        Assert.Null(answer.Failure);
        Assert.Equal("not_provable", (string?)Provider(answer, "fal")["keys"]![0]!["result"]);
        var models = answer.Json["models"]!.AsArray().ToDictionary(model => (string)model!["id"]!, model => model!);
        Assert.True((bool)models[Model]["available"]!);
        Assert.Contains(models[Model]["routes"]!.AsArray(), route => (string?)route!["provider"] == "fal" && (bool)route["configured"]!);
        var missing = models.Values.First(model => !(bool)model["available"]! && model["routes"]!.AsArray().Count > 0);
        Assert.NotEmpty(missing["enabledBy"]!.AsArray());
    }

    [Fact]
    public async Task A_trial_makes_one_paid_call_and_leaves_its_file()
    {
        var answer = await TryAsync("A red fox", ["aspect_ratio=16:9"]);

        Assert.Null(answer.Failure);
        var file = Assert.Single(answer.Json["files"]!.AsArray())!;
        var media = await FfProbe.ReadAsync(await File.ReadAllBytesAsync((string)file["file"]!));
        Assert.Equal(16.0 / 9, (double)media.Width / media.Height, 0.02);
        Assert.Equal((media.Width, _directory.Path), ((int)file["width"]!, Path.GetDirectoryName((string)file["file"]!)));
        Assert.Equal(Assert.Single(_provider.Books.Accepted).Id, (string?)answer.Json["handle"]);
        Assert.True((long)answer.Json["submitMs"]! <= (long)answer.Json["firstPollMs"]! && (long)answer.Json["firstPollMs"]! <= (long)answer.Json["totalMs"]!);
    }

    [Theory]
    [InlineData(nameof(SubmitFault.Refused), "PROVIDER_REFUSED", "bad_input", 0)]
    [InlineData(nameof(SubmitFault.OutOfCredit), "PROVIDER_REFUSED", "pay_first", 0)]
    [InlineData(nameof(SubmitFault.ResetAfterAcceptance), "OUTCOME_UNKNOWN", "may bill it", 1)]
    [InlineData(nameof(SubmitFault.MalformedAfterAcceptance), "OUTCOME_UNKNOWN", "not sent again", 1)]
    public async Task A_trial_that_goes_wrong_says_what_is_known_and_sends_nothing_twice(string fault, string code, string words, int taken)
    {
        _provider.Books.Plan(new JobPlan { Submit = Enum.Parse<SubmitFault>(fault) });

        var answer = await TryAsync("A red fox", []);

        Assert.Equal(code, answer.Failure?.Code);
        Assert.Contains(words, answer.Failure?.Message);
        Assert.Equal((1, taken), (_provider.Books.Submits, _provider.Books.Accepted.Count));
        Assert.Empty(Directory.GetFiles(_directory.Path, "*.png"));
    }

    [Fact]
    public async Task A_trial_whose_result_is_no_file_of_media_tells_where_it_is()
    {
        _provider.Books.Plan(new JobPlan { Result = ResultFault.Html });

        var answer = await TryAsync("A red fox", []);

        Assert.Equal("BAD_OUTPUT", answer.Failure?.Code);
        Assert.Contains("/results/", answer.Failure?.Message);
    }

    [Fact]
    public async Task What_cannot_be_asked_is_refused_before_anything_is_paid()
    {
        await using var providers = Open();
        var request = await ReadAsync(providers, Model, "A red fox", [], []);
        var trial = providers.Trial();

        Assert.Equal("PROVIDER_NOT_CONFIGURED", Assert.Throws<StartException>(() => trial.Choose(request.Value, "bfl")).Code);
        Assert.Equal("INVALID_PARAMETER", (await ReadAsync(providers, Model, "A red fox", ["aspect_ratio=17:1"], [])).Problem?.Kind.Code);
        Assert.Equal("USAGE", (await Assert.ThrowsAsync<StartException>(() => ReadAsync(providers, Model, "A red fox", ["aspect_ratio"], []))).Code);
        Assert.Equal("USAGE", (await Assert.ThrowsAsync<StartException>(() => ReadAsync(providers, Model, "A red fox", [], ["/no/such.png"]))).Code);
        Assert.Equal(0, _provider.Books.Submits);
    }

    [Fact]
    public async Task A_file_of_the_command_line_becomes_the_models_input()
    {
        await using var providers = Open();

        var request = (await ReadAsync(providers, "flux-2-pro-image-to-image", "In snow", [], [TestMedia.Image(800, 600)])).Value;

        Assert.Equal(("image_urls", TestMedia.Image(800, 600)), (Assert.Single(request.Files).Parameter, Assert.Single(request.Request.Inputs).Reference));
    }

    [Fact]
    public async Task Nobody_is_charged_by_a_command_that_cannot_ask()
    {
        await using var process = ChildProcess.StartAssembly(
            "Zoetrope.Server.dll",
            ["providers", "try", Model, "A red fox"],
            new Dictionary<string, string?> { ["ZOETROPE_DATA"] = _directory.Path, ["Zoetrope__Providers__fal__ApiKey"] = GoodKey, ["Zoetrope__Providers__fal__BaseUrl"] = _provider.Address.ToString() });
        var exit = await process.ExitCodeAsync(TimeSpan.FromMinutes(1));

        Assert.NotEqual(0, exit);
        Assert.Equal(0, _provider.Books.Submits);
        Assert.DoesNotContain(GoodKey, process.StandardOutput + process.StandardError);
    }

    private OperatorProviders Open(Dictionary<string, string?>? settings = null, Func<IServiceProvider, IProviderAdapter>? adapter = null) => OperatorProviders.Open(
        new HostSettings("http://127.0.0.1:0", _directory.Path, settings ?? new() { ["Egress:AllowedPrivateHosts"] = "127.0.0.1" }),
        services => services.AddSingleton(adapter ?? (_ => _adapter)));

    private static Task<Answer> CheckAsync(OperatorProviders providers) =>
        new ProviderCheck(providers.Get<ProviderRegistry>(), providers.Get<CatalogHolder>().Current, providers.Settings, TimeProvider.System).RunAsync(CancellationToken.None);

    private async Task<(Answer Answer, string Text)> CheckAsync(string address, string keys)
    {
        await using var providers = Open(
            new() { ["Providers:fal:ApiKey"] = keys, ["Providers:fal:BaseUrl"] = address },
            services => new AccountAdapter(services.GetRequiredService<ProviderToolbox>().For(AccountAdapter.Vendor, services.GetRequiredService<ProvidersOptions>().Of("fal"))!));
        var answer = await CheckAsync(providers);
        var text = new StringWriter();
        answer.Show(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) }));
        return (answer, text.ToString());
    }

    private static Task<Server.Outcome<TrialRequest>> ReadAsync(OperatorProviders providers, string model, string prompt, string[] parameters, string[] inputs) =>
        TrialRequest.ReadAsync(providers.Get<CatalogHolder>().Current, providers.Get<MediaProber>(), model, prompt, parameters, inputs, CancellationToken.None);

    private async Task<Answer> TryAsync(string prompt, string[] parameters)
    {
        await using var providers = Open();
        var request = (await ReadAsync(providers, Model, prompt, parameters, [])).Value;
        var trial = providers.Trial();
        return await trial.RunAsync(request, trial.Choose(request, null), _directory.Path, CancellationToken.None);
    }

    private static JsonNode Provider(Answer answer, string name) => answer.Json["providers"]!.AsArray().Single(provider => (string?)provider!["name"] == name)!;

    /// <summary>A vendor with one free endpoint, which repeats a key it does not know.</summary>
    private static async Task<WebApplication> AccountVendorAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/account", static async context =>
        {
            var given = context.Request.Headers.Authorization.ToString();
            context.Response.StatusCode = given == $"Bearer {GoodKey}" ? 200 : 401;
            await context.Response.WriteAsync(context.Response.StatusCode == 200 ? "12.50 USD left" : $"no such key: {given}");
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>Only checks its key.</summary>
    private sealed class AccountAdapter(ProviderTools tools) : IProviderAdapter
    {
        public static readonly ProviderProfile Vendor = new() { Name = "fal", Title = "Accounts" };

        public ProviderProfile Profile => Vendor;

        public EvidenceClass Evidence => EvidenceClass.None;

        public PreparedSubmit Prepare(ProviderRequest request) => PreparedSubmit.InOurWords(request);

        public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri(tools.BaseUrl, "account"));
            request.Headers.Authorization = new("Bearer", key.Secret);
            return tools.Client.CheckAsync(request, static answer => answer.IsSuccess ? new CheckResult.Proven(answer.Text) : null, cancellationToken);
        }

        public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
