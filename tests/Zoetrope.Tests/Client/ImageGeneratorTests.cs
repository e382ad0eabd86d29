using System.Drawing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

#pragma warning disable MEAI001

namespace Zoetrope.Tests.Client;

/// <summary>Zoetrope behind the interface of Microsoft.Extensions.AI, out of a container, against the real server.</summary>
public sealed class ImageGeneratorTests : IAsyncLifetime
{
    private readonly List<string> _sent = [];
    private TestZoetrope _zoetrope = null!;
    private Customer _customer = null!;
    private ServiceProvider _services = null!;
    private IImageGenerator _generator = null!;

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync();
        _customer = await _zoetrope.Api.CreateCustomerAsync();
        var services = new ServiceCollection();
        services.AddZoetropeClient(settings => (settings.Address, settings.ApiKey) = (_zoetrope.Api.Address, _customer.Key))
            .AddHttpMessageHandler(() => new Listener(_sent));
        services.AddZoetropeImageGenerator("nano-banana-pro").AddZoetropeImageGenerator("seedream-4-5", serviceKey: "other");
        _services = services.BuildServiceProvider();
        _generator = _services.GetRequiredService<IImageGenerator>();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _zoetrope.DisposeAsync();
    }

    [Fact]
    public async Task A_prompt_becomes_bytes_and_says_what_it_cost()
    {
        var response = await _generator.GenerateImagesAsync("A red fox");

        var image = Assert.IsType<DataContent>(Assert.Single(response.Contents));
        var task = Assert.IsType<TaskState>(response.RawRepresentation);
        Assert.Equal(1024, (await FfProbe.ReadAsync(image.Data.ToArray())).Width);
        Assert.Equal(("image/png", task.CreditsUsed), (image.MediaType, response.Usage!.AdditionalCounts!["credits"]));
        Assert.Contains("POST /api/v1/generate", _sent);
    }

    [Fact]
    public async Task Size_parameters_and_model_are_said_in_the_models_words()
    {
        var response = await _generator.GenerateImagesAsync("A red fox", new ImageGenerationOptions
        {
            ModelId = "nano-banana-pro-text-to-image",
            ImageSize = new Size(2730, 1536),
            MediaType = "image/jpeg",
            ResponseFormat = ImageGenerationResponseFormat.Uri,
        });

        var image = Assert.IsType<UriContent>(Assert.Single(response.Contents));
        var chosen = Assert.IsType<TaskState>(response.RawRepresentation).ResolvedParams;
        Assert.Equal(("16:9", "2K"), (chosen.GetProperty("aspect_ratio").GetString(), chosen.GetProperty("resolution").GetString()));
        Assert.Equal("image/jpeg", image.MediaType);
        Assert.NotEmpty(await _zoetrope.Api.DownloadAsync(image.Uri.AbsoluteUri));
    }

    [Fact]
    public async Task An_image_of_ones_own_is_edited_by_the_model_that_takes_images()
    {
        var picture = await File.ReadAllBytesAsync(TestMedia.Image(640, 480));
        var first = await _generator.EditImageAsync(picture, "fox.png", "At night");
        var link = (await _generator.GenerateImagesAsync("A red fox", new ImageGenerationOptions { ResponseFormat = ImageGenerationResponseFormat.Uri })).Contents[0];
        var second = await _generator.EditImagesAsync([link, new DataContent(picture, "image/png")], "Together", new ImageGenerationOptions { ModelId = "nano-banana-pro-text-to-image" });

        Assert.All([first, second], response => Assert.Equal("nano-banana-pro-image-to-image", Assert.IsType<TaskState>(response.RawRepresentation).Model));
    }

    [Fact]
    public async Task A_key_of_ones_own_makes_a_repetition_the_same_image()
    {
        ImageGenerationOptions Options() => new() { AdditionalProperties = new() { [ZoetropeImageGenerator.IdempotencyKey] = "order-1", ["resolution"] = "1K" } };

        var first = Assert.IsType<TaskState>((await _generator.GenerateImagesAsync("A red fox", Options())).RawRepresentation);
        var second = Assert.IsType<TaskState>((await _generator.GenerateImagesAsync("A red fox", Options())).RawRepresentation);

        Assert.Equal(first.Id, second.Id);
        Assert.Equal(1, (await _zoetrope.Api.GetAsync(_customer, "/api/v1/tasks")).Data.GetProperty("tasks").GetArrayLength());
    }

    [Fact]
    public async Task Several_images_are_one_batch()
    {
        var response = await _generator.GenerateImagesAsync("A red fox", new ImageGenerationOptions { Count = 3, RawRepresentationFactory = _ => new GenerateRequest { Model = "nano-banana-text-to-image" } });

        Assert.Equal(3, response.Contents.OfType<DataContent>().Count());
        var tasks = Assert.IsType<IReadOnlyList<TaskState>>(response.RawRepresentation, exactMatch: false);
        Assert.Equal(3, tasks.Select(task => task.Id).Distinct().Count());
        Assert.All(tasks, task => Assert.Equal("nano-banana-text-to-image", task.Model));
        Assert.Single(_sent, "POST /api/v1/batches");
    }

    [Fact]
    public async Task A_price_that_the_key_asks_about_is_agreed_to_for_one_call()
    {
        var key = await _zoetrope.Api.CreateKeyAsync(_customer.AccountId, limits: new { askAbove = 1 });
        using var client = new ZoetropeClient(_zoetrope.Api.Address, key);
        using var generator = new ZoetropeImageGenerator(client, "nano-banana-pro");
        ImageGenerationOptions Agreeing(int credits, int count) => new() { Count = count, AdditionalProperties = new() { [ZoetropeImageGenerator.ConfirmedCredits] = credits } };

        var asked = await Assert.ThrowsAsync<ZoetropeRefusedException>(() => generator.GenerateImagesAsync("A red fox"));
        var little = await Assert.ThrowsAsync<ZoetropeRefusedException>(() => generator.GenerateImagesAsync("A red fox", Agreeing(2, 1)));
        await generator.GenerateImagesAsync("A red fox", Agreeing(1_000, 1));
        await generator.GenerateImagesAsync("A red fox", Agreeing(1_000, 2));
        using (client.Confirming(1_000))
        {
            // Its end is not the end of the client that lent it the connections.
        }

        await client.CreditsAsync();
        Assert.Equal(("CONFIRMATION_REQUIRED", "CONFIRMATION_REQUIRED"), (asked.Code, little.Code));
        Assert.Equal(3, (await client.ListAsync()).Tasks.Count);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_words()
    {
        var shape = await Assert.ThrowsAsync<ArgumentException>(() => _generator.GenerateImagesAsync("a", new ImageGenerationOptions { ImageSize = new Size(1024, 100) }));
        var model = await Assert.ThrowsAsync<ArgumentException>(() => _generator.GenerateImagesAsync("a", new ImageGenerationOptions { ModelId = "dall-e-9" }));
        await Assert.ThrowsAsync<NotSupportedException>(() => _generator.GenerateImagesAsync("a", new ImageGenerationOptions { ResponseFormat = ImageGenerationResponseFormat.Hosted }));
        var value = await Assert.ThrowsAsync<ArgumentException>(() => _generator.GenerateImagesAsync("a", new ImageGenerationOptions { AdditionalProperties = new() { ["seed"] = new object() } }));
        var parameter = await Assert.ThrowsAsync<ZoetropeRefusedException>(() => _generator.GenerateImagesAsync("a", new ImageGenerationOptions { AdditionalProperties = new() { ["resolutoin"] = "2K" } }));
        var failed = await Assert.ThrowsAsync<ZoetropeTaskFailedException>(() => _generator.GenerateImagesAsync("[[moderated]]"));

        Assert.Contains("16:9", shape.Message, StringComparison.Ordinal);
        Assert.Contains("nano-banana-pro-text-to-image", model.Message, StringComparison.Ordinal);
        Assert.Contains("seed", value.Message, StringComparison.Ordinal);
        Assert.Equal(("UNKNOWN_PARAMETER", "CONTENT_REFUSED"), (parameter.Code, failed.Code));
    }

    [Fact]
    public void The_container_gives_one_client_keyed_generators_and_their_metadata()
    {
        var other = _services.GetRequiredKeyedService<IImageGenerator>("other");
        var metadata = other.GetService<ImageGeneratorMetadata>()!;

        Assert.Equal(("zoetrope", _zoetrope.Api.Address, "seedream-4-5"), (metadata.ProviderName, metadata.ProviderUri, metadata.DefaultModelId));
        Assert.Same(_services.GetRequiredService<ZoetropeClient>(), other.GetService<ZoetropeClient>());
        Assert.Same(other, other.GetService<ZoetropeImageGenerator>());
        Assert.Null(other.GetService<ZoetropeClient>("key"));
    }

    [Fact]
    public void A_container_without_address_or_key_says_which_is_missing()
    {
        using var services = new ServiceCollection().AddZoetropeClient().Services.BuildServiceProvider();

        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<ZoetropeClient>());

        Assert.Contains("Address", refused.Message, StringComparison.Ordinal);
        Assert.Contains("ApiKey", refused.Message, StringComparison.Ordinal);
    }

    private sealed class Listener(List<string> sent) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (sent)
            {
                sent.Add($"{request.Method} {request.RequestUri!.AbsolutePath}");
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
