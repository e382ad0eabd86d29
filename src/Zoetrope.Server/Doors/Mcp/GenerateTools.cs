using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Paid;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>The tools that make something, and the one that prices it.</summary>
internal sealed class GenerateTools(
    McpSubmit submit, Estimates estimates, McpResults results, TaskWaiting waiting)
{
    private const string GeneratePath = "/api/v1/generate";

    private static readonly string[] NeedsModel = ["model"];

    private static readonly JsonObject CreatedSchema = McpSchema.Object(
        ["id", "model", "status", "creditsUsed"],
        ("id", McpSchema.Text("The task's id, for vicsee_get_task.")),
        ("model", McpSchema.Text("The model's id.")),
        ("status", McpSchema.Text("pending: the task is waiting for its turn.")),
        ("creditsUsed", McpSchema.Integer("Held now, charged when it completes, returned when it fails.")),
        ("creditsRemaining", McpSchema.Integer("Credits that are still available.")),
        ("createdAt", McpSchema.Text("ISO 8601.")),
        ("resolvedParams", McpSchema.Any("Every parameter with its default filled in.")),
        ("input", McpSchema.Any("For an upscale: what was detected about the file.")));

    private static readonly JsonObject EstimateSchema = McpSchema.Object(
        ["model", "credits", "affordable"],
        ("model", McpSchema.Text("The model's id.")),
        ("credits", McpSchema.Integer("The exact price.")),
        ("creditsAvailable", McpSchema.Integer("Credits available now.")),
        ("affordable", McpSchema.Flag("Whether they, and every budget, cover the price.")),
        ("resolvedParams", McpSchema.Any("Every parameter with its default filled in.")),
        ("output", McpSchema.Any("Type, format, size and duration of the result.")));

    /// <summary>In the order in which clients list them.</summary>
    public IEnumerable<McpTool> All => [Generate(), GenerateAndWait(), Estimate(), UpscaleImage(), UpscaleVideo()];

    private McpTool Generate() => new()
    {
        Name = "vicsee_generate",
        Title = "Generate image or video",
        Scopes = Scopes.Generate,
        Description = words =>
            "Starts an image or video and returns a task id at once. Call vicsee_get_task until status is completed "
            + "(the file is at result.url) or failed. "
            + "generate_and_wait does both. Inputs are public https URLs or, for images, base64 data: URIs; files on this "
            + "computer must be uploaded first. "
            + $"A request without parameters costs {words.Prices(MediaType.Image)} for an image and "
            + $"{words.Prices(MediaType.Video)} for a video; estimate returns the exact price. "
            + "In the prompt of a reference model the references are @Image1, @Image2, ….",
        Input = static words => Keyed(GenerateSchema(words, isFirst: true, waits: false)),
        Output = CreatedSchema,
        Annotations = Costs("Generate image or video"),
        RunAsync = async (call, cancellationToken) =>
            (await CreateAsync(call, cancellationToken)).Failed(out var problem, out var made) ? problem : Answer(GenerateForm.Form, made),
    };

    private McpTool GenerateAndWait() => new()
    {
        Name = "generate_and_wait",
        Title = "Generate and wait for the result",
        Scopes = Scopes.All,
        Description = words =>
            $"Starts an image or video as vicsee_generate does and waits for it, at most {waiting.LongestSeconds} seconds, "
            + "with progress notifications. "
            + "Returns the finished task, a link to the file and a small preview. A task that takes longer is returned as it "
            + "is and keeps running; read it with vicsee_get_task. "
            + $"A request without parameters costs {words.Prices(MediaType.Image)} for an image and "
            + $"{words.Prices(MediaType.Video)} for a video.",
        Input = static words => Keyed(GenerateSchema(words, isFirst: false, waits: true)),
        Output = TaskTools.TaskSchema,
        Annotations = Costs("Generate and wait for the result"),
        StartAsync = StartAsync,
        RunAsync = async (call, cancellationToken) =>
        {
            if (waiting.Seconds(call.Arguments, byDefault: waiting.LongestSeconds).Failed(out var problem, out var wait)
                || (await StartAsync(call, cancellationToken)).Failed(out problem, out var task))
            {
                return problem;
            }

            return await waiting.AnswerAsync(call, task, wait, results.OutcomeAsync, cancellationToken);
        },
    };

    private McpTool Estimate() => new()
    {
        Name = "estimate",
        Title = "Price a request",
        Scopes = Scopes.Generate,
        Description = _ =>
            "Returns what vicsee_generate would cost with the same arguments, and the size and length of the result. "
            + "Starts nothing and charges nothing.",
        Input = static words => GenerateSchema(words, isFirst: false, waits: false),
        Output = EstimateSchema,
        Annotations = Reads("Price a request", isOpenWorld: true),
        RunAsync = EstimateAsync,
    };

    private McpTool UpscaleImage() => new()
    {
        Name = "vicsee_upscale_image",
        Title = "Upscale an image",
        Scopes = Scopes.Generate,
        Description = words =>
            "Makes an image larger, or clearer at factor 1. Returns a task id for vicsee_get_task at once. Price: "
            + $"{words.Price(UpscaleForm.ImageModel)}",
        Input = words => McpSchema.Closed(
            ["image_url"],
            ("image_url", McpSchema.Text("A public https URL of a JPEG, PNG or WebP, or a data: URI.")),
            ("upscale_factor", McpSchema.OneOf("2 by default.", words.Values(UpscaleForm.ImageModel, "upscale_factor"))),
            Counted(isFirst: false)[0],
            Counted(isFirst: false)[1],
            Key()),
        Output = CreatedSchema,
        Annotations = Costs("Upscale an image"),
        RunAsync = (call, cancellationToken) => UpscaleAsync(call, UpscaleForm.Image, "/api/v1/tools/upscale-image", cancellationToken),
    };

    private McpTool UpscaleVideo() => new()
    {
        Name = "vicsee_upscale_video",
        Title = "Upscale a video",
        Scopes = Scopes.Generate,
        Description = words =>
            "Makes a video larger, or clearer at factor 1. Returns a task id for vicsee_get_task at once. Price by "
            + $"started second of the input: {words.Price(UpscaleForm.VideoModel)}",
        Input = words => McpSchema.Closed(
            ["video_url"],
            ("video_url", McpSchema.Text("A public https URL of an MP4, MOV or MKV.")),
            ("upscale_factor", McpSchema.OneOf("2 by default.", words.Values(UpscaleForm.VideoModel, "upscale_factor"))),
            Counted(isFirst: false)[0],
            Counted(isFirst: false)[1],
            Key()),
        Output = CreatedSchema,
        Annotations = Costs("Upscale a video"),
        RunAsync = (call, cancellationToken) => UpscaleAsync(call, UpscaleForm.Video, "/api/v1/tools/upscale-video", cancellationToken),
    };

    // The limits appear once, with the first tool: an agent carries every tool's text in each of its conversations.
    private static JsonObject GenerateSchema(CatalogWords words, bool isFirst, bool waits)
    {
        string Limits(string what, string parameter) => isFirst ? $"{what}: {words.Limits(parameter)}" : $"{what}, as for vicsee_generate.";

        List<(string, JsonObject)> properties =
        [
            ("model", McpSchema.Text(isFirst
                ? $"One of, for images: {words.Ids(MediaType.Image)}; for videos: {words.Ids(MediaType.Video)}"
                : "A model's id or family, as for vicsee_generate.")),
            ("prompt", McpSchema.Text(isFirst ? $"What to make. Maximum characters: {words.Prompts()}" : "What to make.")),
            ("image_urls", McpSchema.Urls(Limits("Source images", "image_urls"))),
            ("reference_image_urls", McpSchema.Urls(Limits("Reference images", "reference_image_urls"))),
            ("reference_video_urls", McpSchema.Urls(Limits("Reference videos", "reference_video_urls"))),
            ("reference_audio_urls", McpSchema.Urls(Limits("Reference sounds", "reference_audio_urls"))),
            ("video_url", McpSchema.Text("The video to edit.")),
            ("audio_setting", McpSchema.Text(Limits("Of a video edit", "audio_setting"))),
            ("duration", McpSchema.Number(Limits("Seconds of video", "duration"))),
            ("aspect_ratio", McpSchema.Text(Limits("Width to height", "aspect_ratio"))),
            ("resolution", McpSchema.Text(Limits("Size", "resolution"))),
            ("output_format", McpSchema.Text(Limits("Of an image", "output_format"))),
            ("audio", McpSchema.Flag("Sound, if the model supports it.")),
            ("nsfw_checker", McpSchema.Flag("Accepted for compatibility with VicSee.")),
            .. Counted(isFirst),
            ("extra", McpSchema.Any("Further parameters of the model; see vicsee_list_models with its id.")),
        ];
        if (waits)
        {
            properties.Add(("wait_seconds", McpSchema.Number("The longest time to wait.")));
        }

        return McpSchema.Object(NeedsModel, [.. properties]);
    }

    private static (string, JsonObject)[] Counted(bool isFirst) =>
    [
        ("tags", McpSchema.Any(isFirst ? "Up to 8 names and texts by which the task is found and counted." : "As for vicsee_generate.")),
        ("user", McpSchema.Text(isFirst ? "Your own user that it is for." : "As for vicsee_generate.")),
    ];

    private static JsonObject Keyed(JsonObject schema)
    {
        var (name, key) = Key();
        schema["properties"]![name] = key;
        return schema;
    }

    private static (string, JsonObject) Key() =>
        ("idempotency_key", McpSchema.Text(
            "Up to 255 characters; use a new key for each new request. Repeating a call with the same key makes and charges "
            + "nothing twice."));

    private static ToolAnnotations Costs(string title) =>
        new() { Title = title, ReadOnlyHint = false, DestructiveHint = false, IdempotentHint = false, OpenWorldHint = true };

    private static ToolAnnotations Reads(string title, bool isOpenWorld) =>
        new() { Title = title, ReadOnlyHint = true, DestructiveHint = false, IdempotentHint = true, OpenWorldHint = isOpenWorld };

    private async Task<Outcome<Committed>> CreateAsync(McpCall call, CancellationToken cancellationToken) =>
        McpSubmit.GenerateBody(call.Arguments).Failed(out var problem, out var body)
            ? problem
            : await submit.SubmitAsync(call, GeneratePath, body, GenerateForm.Form, cancellationToken);

    private async Task<Outcome<Generation>> StartAsync(McpCall call, CancellationToken cancellationToken) =>
        (await CreateAsync(call, cancellationToken)).Failed(out var problem, out var made)
            ? problem
            : await waiting.FindAsync(call.Caller, made.Id);

    private async Task<Outcome<CallToolResult>> UpscaleAsync(
        McpCall call, PaidForm form, string path, CancellationToken cancellationToken) =>
        (await submit.SubmitAsync(call, path, McpSubmit.PlainBody(call.Arguments), form, cancellationToken))
            .Failed(out var problem, out var made)
            ? problem
            : Answer(form, made);

    private static CallToolResult Answer(PaidForm form, Committed made) => McpResults.Of(form.Data(made));

    private async Task<Outcome<CallToolResult>> EstimateAsync(McpCall call, CancellationToken cancellationToken)
    {
        if (McpSubmit.GenerateBody(call.Arguments).Failed(out var problem, out var body)
            || McpSubmit.Read(GenerateForm.Form, body).Failed(out problem, out var drafts)
            || (await estimates.PriceAsync(call.Http, drafts.Items[0], cancellationToken)).Failed(out problem, out var priced))
        {
            return problem;
        }

        return McpResults.Of(JsonElement.Parse(JsonAnswer.Bare(priced, Estimates.Write)));
    }
}
