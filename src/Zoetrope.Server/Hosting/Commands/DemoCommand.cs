using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>One prompt to one file, over the same HTTP a customer uses: the shortest proof that everything works.</summary>
internal static class DemoCommand
{
    private const string DefaultModel = "seedance-2-0-text-to-video";

    public static Command Create()
    {
        var prompt = new Argument<string>("prompt") { Description = "What to show" };
        var model = new Option<string>("--model", "-m")
        {
            Description = "A model listed by /api/v1/models",
            DefaultValueFactory = _ => DefaultModel,
        };
        var duration = new Option<int?>("--duration", "-d")
        {
            Description = "The length of a video in seconds; by default 10 with the default model, otherwise the model's own default",
        };
        var aspect = new Option<string?>("--aspect-ratio", "-a") { Description = "The ratio, such as 16:9" };
        var output = new Option<FileInfo?>("--output", "-o") { Description = "The file to write; by default it is named after the task" };
        var command = new Command("demo", "Generate from a prompt and save the file; starts a server if none is running")
        {
            prompt, model, duration, aspect, output,
        };
        return command.Answering(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(model);
            var request = Request(name, parsed.GetRequiredValue(prompt), parsed.GetValue(duration), parsed.GetValue(aspect));
            await using var server = await DemoServer.FindOrStartAsync(HostSettings.FromEnvironment(), cancellationToken);
            using var client = new DemoClient(server.Url, server.Key, DemoServer.KeySource(HostSettings.FromEnvironment().DataDirectory));
            var task = await CommandOutput.Notes.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(
                    context =>
                        FollowAsync(
                            client, request, context.AddTask(Markup.Escape(name), maxValue: 100), server.Stopping, cancellationToken));
            var file = await client.DownloadAsync(
                (string)task["result"]!["url"]!, parsed.GetValue(output)?.FullName, (string)task["id"]!, cancellationToken);
            return Describe(task, file);
        });
    }

    // The documented request as customers write it, in VicSee's older spelling.
    private static JsonObject Request(string model, string prompt, int? duration, string? aspect)
    {
        var options = new JsonObject();
        if ((duration ?? (model == DefaultModel ? 10 : null)) is { } seconds)
        {
            options["duration"] = seconds;
        }

        if ((aspect ?? (model == DefaultModel ? "16:9" : null)) is { } ratio)
        {
            options["aspectRatio"] = ratio;
        }

        return new JsonObject { ["model"] = model, ["prompt"] = prompt, ["options"] = options };
    }

    private static async Task<JsonObject> FollowAsync(
        DemoClient client, JsonObject request, ProgressTask bar, CancellationToken serverStops, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(serverStops, cancellationToken);
        var created = await client.SendAsync(HttpMethod.Post, "/api/v1/generate", request, either.Token);
        while (true)
        {
            var task = await client.SendAsync(HttpMethod.Get, $"/api/v1/tasks/{created["id"]}?wait=1", null, either.Token);
            bar.Value = (double?)task["progress"] ?? bar.Value;
            switch ((string?)task["status"])
            {
                case "completed":
                    bar.Value = 100;
                    task["creditsUsed"] ??= created["creditsUsed"]?.DeepClone();
                    return task;
                case "failed" or "cancelled" or "canceled":
                    throw new StartException(
                        (string?)task["error"]?["code"] ?? "GENERATION_FAILED",
                        (string?)task["error"]?["message"] ?? "The generation did not succeed.");
            }
        }
    }

    private static Answer Describe(JsonObject task, FileInfo file)
    {
        var json = new JsonObject
        {
            ["id"] = task["id"]!.DeepClone(),
            ["file"] = file.FullName,
            ["bytes"] = file.Length,
            ["creditsUsed"] = task["creditsUsed"]?.DeepClone(),
        };
        return new Answer(json, console =>
            console.Profile.Out.Writer.WriteLine($"{file.FullName}  {Size(file.Length)}  {task["creditsUsed"]} credits"));
    }

    private static string Size(long bytes) => bytes < 1_000_000 ? $"{bytes / 1000.0:0.0} kB" : $"{bytes / 1e6:0.0} MB";
}
