using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Tests.Client;

/// <summary>The examples of the package's README, line by line; a test compares them and runs them against the test server.</summary>
internal static class ClientExamples
{
    public static string Made()
    {
        using var zoetrope = new ZoetropeClient(new Uri("https://media.example.com"), "sk-…");
        var request = new GenerateRequest { Model = "nano-banana-text-to-image", Prompt = "A red fox" };
        return $"{zoetrope}{request}";
    }

    public static async Task FirstAsync(ZoetropeClient zoetrope, GenerateRequest request, string path)
    {
        var task = await zoetrope.GenerateAndWaitAsync(request);
        await zoetrope.DownloadAsync(task.Result!, path);
    }

    public static async Task SecondAsync(ZoetropeClient zoetrope, GenerateRequest request, Order order)
    {
        var created = await zoetrope.GenerateAsync(request, idempotencyKey: order.Id);
        await foreach (var happened in zoetrope.FollowAsync(created.Id))
        {
            Console.WriteLine($"{happened.Type} {happened.Task.Progress} %");
        }
    }

    public sealed record Order(string Id);
}
