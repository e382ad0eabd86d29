using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Tests.Fixtures;

#pragma warning disable MEAI001

namespace Zoetrope.Tests.Client;

/// <summary>The READMEs of the packages hold only lines that compile, and what compiles does what they say.</summary>
public sealed class ClientExampleTests : IAsyncLifetime
{
    private static readonly GenerateRequest Fox = new() { Model = "nano-banana-text-to-image", Prompt = "A red fox" };

    private readonly TemporaryDirectory _directory = new();
    private TestZoetrope _zoetrope = null!;
    private Customer _customer = null!;
    private ZoetropeClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync();
        _customer = await _zoetrope.Api.CreateCustomerAsync();
        _client = new ZoetropeClient(_zoetrope.Api.Address, _customer.Key);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _zoetrope.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("src/Zoetrope.Client/README.md", 35)]
    [InlineData("src/Zoetrope.Client.Extensions/README.md", 11)]
    public void The_readme_has_only_lines_that_compile(string readme, int atLeast)
    {
        var source = File.ReadLines(Path.Combine(SourceTree.Root, "tests/Zoetrope.Tests/Client/ClientExamples.cs")).Select(line => line.Trim()).ToHashSet();
        var blocks = File.ReadAllText(Path.Combine(SourceTree.Root, readme)).Split("```csharp").Skip(1).Select(block => block.Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();

        Assert.All(blocks, block => Assert.InRange(block.Length, 1, 10));
        Assert.InRange(blocks.Sum(block => block.Length), atLeast, int.MaxValue);
        Assert.All(blocks.SelectMany(block => block), line => Assert.Contains(line.Trim(), source));
    }

    [Fact]
    public async Task Images_videos_inputs_and_refusals_run()
    {
        var path = Path.Combine(_directory.Path, "fox.png");
        await ClientExamples.ImageAsync(_client, Fox, path);
        await ClientExamples.VideoAsync(_client, new ClientExamples.Order("order-1"));
        var night = await _client.GenerateAndWaitAsync(await ClientExamples.InputAsync(_client, path));
        using var poor = new ZoetropeClient(_zoetrope.Api.Address, (await _zoetrope.Api.CreateCustomerAsync(credits: 0)).Key);
        await ClientExamples.RefusalAsync(poor, Fox);

        Assert.Equal("nano-banana-image-to-image", night.Model);
        Assert.Equal([path], Directory.GetFiles(_directory.Path));
        Assert.Equal(3, (await _client.ListAsync()).Tasks.Count);
    }

    [Fact]
    public async Task A_batch_runs()
    {
        await ClientExamples.BatchAsync(_client, [Fox, Fox with { Prompt = "[[fail]]" }, Fox], new ClientExamples.Order("order-2"), _directory.Path);

        Assert.Equal(["0.png", "2.png"], Directory.GetFiles(_directory.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task The_image_generator_of_the_container_runs()
    {
        var services = new ServiceCollection();
        ClientExamples.Container(services);
        services.Configure<ZoetropeClientSettings>(settings => (settings.Address, settings.ApiKey) = (_zoetrope.Api.Address, _customer.Key));
        await using var provider = services.BuildServiceProvider();
        var path = Path.Combine(_directory.Path, "fox.png");

        var night = await ClientExamples.GeneratorAsync(provider.GetRequiredService<IImageGenerator>(), path);

        var fox = await FfProbe.ReadAsync(await File.ReadAllBytesAsync(path));
        Assert.Equal(1.5, (double)fox.Width / fox.Height, 0.03);
        Assert.Equal("nano-banana-pro-image-to-image", Assert.IsType<TaskState>(night.RawRepresentation).Model);
    }

    [Fact]
    public async Task The_webhook_takes_a_delivery_that_either_secret_signed_and_no_other()
    {
        var (secret, old) = (WebhookSigning.NewSecret(), WebhookSigning.NewSecret());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        ClientExamples.Webhook(app, secret, old);
        await app.StartAsync();

        Assert.Equal(200, await SendAsync(app, secret));
        Assert.Equal(200, await SendAsync(app, old));
        Assert.Equal(500, await SendAsync(app, WebhookSigning.NewSecret()));
    }

    private static async Task<int> SendAsync(WebApplication app, string secret)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = WebhookSigning.Request(new Uri(app.Urls.Single() + "/hooks"), secret, """{"type":"webhook.test","timestamp":"2027-01-15T08:00:00.000Z","data":{}}""");
        using var answer = await http.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
