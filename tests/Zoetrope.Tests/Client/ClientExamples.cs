using System.Drawing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;

// Microsoft marks the interface as experimental; whether it changes is no concern of examples of today's version.
#pragma warning disable MEAI001

namespace Zoetrope.Tests.Client;

/// <summary>The examples of the packages' READMEs, line by line; a test compares them and runs them against the test server.</summary>
internal static class ClientExamples
{
    public static string Made()
    {
        using var zoetrope = new ZoetropeClient(new Uri("https://media.example.com"), "sk-…");
        var request = new GenerateRequest { Model = "nano-banana-text-to-image", Prompt = "A red fox" };
        return $"{zoetrope}{request}";
    }

    public static async Task ImageAsync(ZoetropeClient zoetrope, GenerateRequest request, string path)
    {
        var task = await zoetrope.GenerateAndWaitAsync(request);
        await zoetrope.DownloadAsync(task.Result!, path);
    }

    public static async Task VideoAsync(ZoetropeClient zoetrope, Order order)
    {
        var film = new GenerateRequest { Model = "seedance-2-0-mini-text-to-video", Prompt = "It runs", Options = new() { Duration = 4 } };
        var price = await zoetrope.EstimateAsync(film);
        var created = await zoetrope.GenerateAsync(film, idempotencyKey: order.Id);
        await foreach (var happened in zoetrope.FollowAsync(created.Id))
        {
            Console.WriteLine($"{happened.Type} {happened.Task.Progress} % of {price.Credits} credits");
        }
    }

    public static async Task<GenerateRequest> InputAsync(ZoetropeClient zoetrope, string path)
    {
        await using var picture = File.OpenRead(path);
        var url = await zoetrope.UploadAsync(picture, "image/png");
        var night = new GenerateRequest { Model = "nano-banana-image-to-image", Prompt = "At night", Options = new() { Image = url } };
        return night;
    }

    public static async Task BatchAsync(ZoetropeClient zoetrope, IReadOnlyList<GenerateRequest> requests, Order order, string folder)
    {
        var batch = await zoetrope.CreateBatchAsync(requests, idempotencyKey: order.Id);
        batch = await zoetrope.WaitForBatchAsync(batch.Id);
        foreach (var item in batch.Items!.Where(item => item.Status == "completed"))
        {
            var made = await zoetrope.GetAsync(item.TaskId);
            await zoetrope.DownloadAsync(made.Result!, Path.Combine(folder, $"{item.Index}.png"));
        }
    }

    public static async Task RefusalAsync(ZoetropeClient zoetrope, GenerateRequest request)
    {
        try
        {
            await zoetrope.GenerateAndWaitAsync(request);
        }
        catch (ZoetropeRefusedException refused) when (refused.Code == "INSUFFICIENT_CREDITS")
        {
            Console.WriteLine($"{refused.Message} (request {refused.RequestId})");
        }
    }

    public static void Webhook(WebApplication app, string secret, string oldSecret)
    {
        var verifier = new WebhookVerifier(secret, oldSecret);
        app.MapPost("/hooks", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            var told = verifier.Verify(body.ToArray(), name => request.Headers[name]);
            Console.WriteLine($"{told.Id} {told.Type} {told.Task?.Result?.Url}");
        });
    }

    public static void Container(IServiceCollection services)
    {
        services.AddZoetropeClient(settings =>
        {
            settings.Address = new Uri("https://media.example.com");
            settings.ApiKey = "sk-…";
        });
        services.AddZoetropeImageGenerator("nano-banana-pro");
    }

    public static async Task<ImageGenerationResponse> GeneratorAsync(IImageGenerator generator, string path)
    {
        var options = new ImageGenerationOptions { ImageSize = new Size(1536, 1024) };
        var response = await generator.GenerateImagesAsync("A red fox in snow", options);
        var image = response.Contents.OfType<DataContent>().Single();
        await File.WriteAllBytesAsync(path, image.Data.ToArray());
        Console.WriteLine($"{response.Usage!.AdditionalCounts!["credits"]} credits");
        var night = await generator.EditImageAsync(image, "The same at night");
        return night;
    }

    public sealed record Order(string Id);
}
