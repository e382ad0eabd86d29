using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.ComfyUi;

/// <summary>A ComfyUI with the core nodes of the sample workflows, behind a proxy that wants a bearer key.</summary>
internal sealed class FakeComfyUi : FakeVendor
{
    private static readonly string Samples = Path.Combine(SourceTree.Root, "samples", "comfyui");
    private readonly ConcurrentDictionary<string, PollAnswer> _seen = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte[]> _uploads = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _interrupts = new();

    public override string Provider => "comfyui";

    public override string Key => Keyless ? "" : base.Key;

    public override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Catalog:File"] = Path.Combine(Samples, "catalogue.json"),
        ["ComfyUi:Workflows"] = Path.Combine(Samples, "workflows"),
    };

    /// <summary>As ComfyUI is without a proxy.</summary>
    public bool Keyless { get; init; }

    public string Version { get; set; } = "0.3.75";

    /// <summary>Whether the server has <c>/api/jobs</c>.</summary>
    public bool HasJobs { get; set; } = true;

    /// <summary>What a failed run leaves in the history.</summary>
    public (string Type, string Message) Failure { get; set; } = ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied");

    public IReadOnlyDictionary<string, byte[]> Uploads => _uploads;

    /// <summary>The ids that were interrupted.</summary>
    public IReadOnlyList<string> Interrupts => [.. _interrupts];

    /// <summary>As after a restart: queue and history are empty.</summary>
    public void Restart()
    {
        foreach (var job in Jobs)
        {
            _seen[job.Id] = PollAnswer.Expired;
        }
    }

    public void Run(string id) => _seen[id] = PollAnswer.Running;

    protected override void Map(WebApplication app)
    {
        app.MapPost("/prompt", context => SubmitAsync(context, Check, Taken, request => request.Json["prompt_id"]?.GetValue<string>()));
        app.MapPost("/upload/image", UploadAsync);
        app.MapGet("/queue", context => AnswerAsync(context, Queue));
        app.MapPost("/queue", context => AnswerAsync(context, () => Delete(RequestOf(context))));
        app.MapPost("/interrupt", context => AnswerAsync(context, () => Interrupt(RequestOf(context))));
        app.MapGet("/history/{id}", (HttpContext context, string id) => Allowed(context) is { } refused ? WriteAsync(context, refused) : HistoryAsync(context, id));
        app.MapPost("/api/jobs/{id}/cancel", (HttpContext context, string id) => AnswerAsync(context, () => Cancel(id)));
        app.MapGet("/system_stats", context => AnswerAsync(context, () => VendorReply.Json(
            new { system = new { comfyui_version = Version }, devices = new[] { new { name = "cuda:0 Test Card", vram_total = 24L << 30 } } })));
        app.MapGet("/view", ViewAsync);
    }

    protected override string NewId(VendorRequest request, int number) => request.Json["prompt_id"]!.GetValue<string>();

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Refused => VendorReply.Json(ComfyUiAnswers.Validation("6", "CLIPTextEncode", "invalid_input_type", "text"), 400),
        SubmitFault.RateLimited => new VendorReply(429, "slow down"),
        SubmitFault.RateLimitedWithRetryAfter => new VendorReply(429, "slow down", new Dictionary<string, string> { ["Retry-After"] = "1" }),
        SubmitFault.Unauthorized => new VendorReply(401, "who are you"),
        SubmitFault.OutOfCredit => new VendorReply(402, "pay first"),
        _ => new VendorReply(500, "500 Internal Server Error"),
    };

    private string Authorization => Keyless ? "" : $"Bearer {Key}";

    private static VendorRequest RequestOf(HttpContext context) => (VendorRequest)context.Items[typeof(VendorRequest)]!;

    private static VendorReply Taken(VendorJob job) => VendorReply.Json(new { prompt_id = job.Id, number = job.Number, node_errors = new { } });

    private VendorReply? Allowed(HttpContext context)
    {
        if (context.Request.Headers.ContainsKey("Origin"))
        {
            Violate("an Origin header, which ComfyUI refuses");
        }

        return context.Request.Headers.Authorization.ToString() == Authorization ? null : new VendorReply(401, "who are you");
    }

    private Task AnswerAsync(HttpContext context, Func<VendorReply> answer) => WriteAsync(context, Allowed(context) ?? answer());

    private SchemaCheck Check(VendorRequest request)
    {
        if ((request.Header("Authorization") ?? "") != Authorization)
        {
            return new SchemaCheck { Unauthorized = true };
        }

        var body = request.Json;
        var wrong = body.Select(member => member.Key).FirstOrDefault(name => name is not ("prompt" or "prompt_id")) is { } unknown ? $"{unknown} is no field of /prompt"
            : body["prompt_id"]?.GetValue<string>() is not { } id || !Guid.TryParseExact(id, "D", out var guid) || guid.ToString("D") != id ? "prompt_id is no canonical UUID"
            : body["prompt"] is not JsonObject { Count: > 0 } graph ? "no prompt"
            : ComfyUiNodes.Wrong(graph, _uploads.Keys);
        return new SchemaCheck
        {
            Wrong = wrong,
            Prompt = body["prompt"]?["6"]?["inputs"]?["text"]?.GetValue<string>() ?? "",
            Model = "workflow",
            Shape = SchemaCheck.Image,
        };
    }

    private async Task UploadAsync(HttpContext context)
    {
        if (Allowed(context) is { } refused)
        {
            await WriteAsync(context, refused);
            return;
        }

        var form = await context.Request.ReadFormAsync();
        if (form.Files.GetFile("image") is not { Length: > 0 } file || form.Keys.Any(key => key is not ("type" or "subfolder" or "overwrite")) || form["type"] != "input")
        {
            Violate("an upload that is not a file 'image' of type input");
            await WriteAsync(context, new VendorReply(400, ""));
            return;
        }

        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes);
        var name = Path.GetFileNameWithoutExtension(file.FileName) + " (1)" + Path.GetExtension(file.FileName);
        _uploads[name] = bytes.ToArray();
        await WriteAsync(context, VendorReply.Json(new { name, subfolder = "", type = "input" }));
    }

    private VendorReply Queue()
    {
        var open = Jobs.Where(job => !job.Canceled).Select(job => (job, seen: _seen.GetValueOrDefault(job.Id, PollAnswer.Queued))).ToList();
        object[] Items(Func<PollAnswer, bool> wanted) => [.. open.Where(item => wanted(item.seen)).OrderByDescending(item => item.job.Number)
            .Select(item => new object[] { item.job.Number, item.job.Id, new { }, new { }, new[] { "9" } })];
        return VendorReply.Json(new { queue_running = Items(static seen => seen is PollAnswer.Running), queue_pending = Items(static seen => seen is PollAnswer.Queued) });
    }

    private VendorReply Delete(VendorRequest request)
    {
        if (request.Json is not { Count: 1 } body || body["delete"] is not JsonArray { Count: 1 } ids)
        {
            Violate($"POST /queue with {request.Text}");
            return new VendorReply(400, "");
        }

        var id = ids[0]!.GetValue<string>();
        if (_seen.GetValueOrDefault(id, PollAnswer.Queued) is PollAnswer.Queued)
        {
            _seen[id] = PollAnswer.Expired;
        }

        return new VendorReply(200, "");
    }

    private VendorReply Interrupt(VendorRequest request)
    {
        if (request.Json is not { Count: 1 } body || body["prompt_id"]?.GetValue<string>() is not { } id)
        {
            Violate("a global interrupt");
            return new VendorReply(200, "");
        }

        _interrupts.Enqueue(id);
        if (Find(id) is { } job)
        {
            job.Canceled = true;
        }

        return new VendorReply(200, "");
    }

    private VendorReply Cancel(string id)
    {
        if (!HasJobs)
        {
            return new VendorReply(404, "404: Not Found");
        }

        var open = Find(id) is { Canceled: false } && _seen.GetValueOrDefault(id, PollAnswer.Queued) is PollAnswer.Queued or PollAnswer.Running;
        if (open)
        {
            Find(id)!.Canceled = true;
        }

        return VendorReply.Json(new { cancelled = open });
    }

    private async Task HistoryAsync(HttpContext context, string id)
    {
        var nothing = new VendorReply(200, "{}");
        if (Find(id) is not { } job || _seen.GetValueOrDefault(id) is PollAnswer.Expired)
        {
            await WriteAsync(context, nothing);
            return;
        }

        if (job.Canceled)
        {
            await WriteAsync(context, VendorReply.Json(ComfyUiAnswers.Entry(job, "error", ComfyUiAnswers.Interrupted(id), output: false)));
            return;
        }

        await PollAsync(context, id, (_, answer) =>
        {
            _seen[id] = answer;
            return answer switch
            {
                PollAnswer.Succeeded => VendorReply.Json(ComfyUiAnswers.Entry(job, "success", ComfyUiAnswers.Success(id), output: true)),
                PollAnswer.Empty => VendorReply.Json(ComfyUiAnswers.Entry(job, "success", ComfyUiAnswers.Success(id), output: false)),
                PollAnswer.Failed => VendorReply.Json(ComfyUiAnswers.Entry(job, "error", ComfyUiAnswers.Error(id, Failure.Type, Failure.Message), output: false)),
                PollAnswer.Moderated => VendorReply.Json(ComfyUiAnswers.Entry(job, "error", ComfyUiAnswers.Error(id, "Exception", "The request was rejected by the moderation of the service."), output: false)),
                PollAnswer.UnknownStatus => VendorReply.Json(ComfyUiAnswers.Entry(job, "pondering", ComfyUiAnswers.Success(id), output: false)),
                _ => nothing,
            };
        }, nothing);
    }

    private async Task ViewAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (Allowed(context) is { } refused)
        {
            await WriteAsync(context, refused);
            return;
        }

        var job = Jobs.FirstOrDefault(job => query["filename"] == ComfyUiAnswers.FileName(job));
        if (job is null || query["type"] != "output" || query["subfolder"] != "a b")
        {
            Violate($"there is no file {context.Request.QueryString}");
            context.Response.StatusCode = 404;
            return;
        }

        switch (job.Accepted.Plan.Result)
        {
            case ResultFault.RedirectToPrivateAddress:
                context.Response.Redirect("http://169.254.169.254/latest/meta-data/");
                return;
            case ResultFault.ServerError:
                context.Response.StatusCode = 500;
                return;
            case ResultFault.Gone:
                context.Response.StatusCode = 404;
                return;
        }

        var bytes = await InlineMediaAsync(job);
        context.Response.ContentType = "image/png";
        if (job.Accepted.Plan.Result == ResultFault.Truncated)
        {
            context.Response.ContentLength = bytes.Length * 2;
            await context.Response.Body.WriteAsync(bytes);
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(bytes);
    }
}

/// <summary>ComfyUI's answers as it writes them.</summary>
internal static class ComfyUiAnswers
{
    public static string FileName(VendorJob job) => string.Create(CultureInfo.InvariantCulture, $"zoetrope_{job.Number:00000}_.png");

    public static object Validation(string node, string type, string fault, string input) => new
    {
        error = new { type = "prompt_outputs_failed_validation", message = "Prompt outputs failed validation", details = "/secret/path", extra_info = new { } },
        node_errors = new Dictionary<string, object>
        {
            [node] = new
            {
                class_type = type,
                dependent_outputs = new[] { "9" },
                errors = new[] { new { type = fault, message = "Value not allowed", details = $"{input}: 'x' not in ['/secret/path']", extra_info = new { input_name = input, received_value = "x" } } },
            },
        },
    };

    public static object Entry(VendorJob job, string status, object[][] messages, bool output) => new Dictionary<string, object>
    {
        [job.Id] = new
        {
            prompt = new object[] { job.Number, job.Id, new { }, new { }, new[] { "9" } },
            outputs = output
                ? new Dictionary<string, object>
                {
                    ["9"] = new { images = new[] { new { filename = FileName(job), subfolder = "a b", type = "output" }, new { filename = "preview.png", subfolder = "", type = "temp" } } },
                    ["8"] = new { images = new[] { new { filename = "other.png", subfolder = "", type = "output" } } },
                }
                : [],
            status = new { status_str = status, completed = status == "success", messages },
        },
    };

    public static object[][] Success(string id) => [["execution_start", new { prompt_id = id }], ["execution_success", new { prompt_id = id }]];

    public static object[][] Interrupted(string id) => [["execution_start", new { prompt_id = id }], ["execution_interrupted", new { prompt_id = id, node_id = "3" }]];

    public static object[][] Error(string id, string type, string message) =>
    [
        ["execution_start", new { prompt_id = id }],
        ["execution_error", new { prompt_id = id, node_id = "3", node_type = "KSampler", exception_type = type, exception_message = message + "\n/secret/path", traceback = new[] { "File \"/secret/path\"" }, current_inputs = new { text = "secret" } }],
    ];
}

/// <summary>The core nodes of the sample workflows: their inputs, and what these may be.</summary>
internal static class ComfyUiNodes
{
    private static readonly Dictionary<string, Dictionary<string, Func<JsonNode?, bool>>> Inputs = new()
    {
        ["CheckpointLoaderSimple"] = new() { ["ckpt_name"] = OneOf("sd_xl_base_1.0.safetensors") },
        ["CLIPTextEncode"] = new() { ["text"] = Text, ["clip"] = Link },
        ["EmptyLatentImage"] = new() { ["width"] = Side, ["height"] = Side, ["batch_size"] = Whole(1, 4096) },
        ["ImageScale"] = new() { ["image"] = Link, ["upscale_method"] = OneOf("nearest-exact", "bilinear", "area", "bicubic", "lanczos"), ["width"] = Whole(0, 16384), ["height"] = Whole(0, 16384), ["crop"] = OneOf("disabled", "center") },
        ["KSampler"] = new()
        {
            ["seed"] = Whole(0, long.MaxValue), ["steps"] = Whole(1, 10_000), ["cfg"] = Real(0, 100), ["sampler_name"] = OneOf("euler", "dpmpp_2m"), ["scheduler"] = OneOf("normal", "karras"),
            ["denoise"] = Real(0, 1), ["model"] = Link, ["positive"] = Link, ["negative"] = Link, ["latent_image"] = Link,
        },
        ["LoadImage"] = new() { ["image"] = Text },
        ["SaveImage"] = new() { ["filename_prefix"] = Text, ["images"] = Link },
        ["VAEDecode"] = new() { ["samples"] = Link, ["vae"] = Link },
        ["VAEEncode"] = new() { ["pixels"] = Link, ["vae"] = Link },
    };

    /// <summary>What is wrong with a graph; null where it would run.</summary>
    public static string? Wrong(JsonObject graph, IEnumerable<string> uploads)
    {
        foreach (var (id, node) in graph)
        {
            if (node!["class_type"]?.GetValue<string>() is not { } type || !Inputs.TryGetValue(type, out var schema))
            {
                return $"node {id} is of no known class";
            }

            var given = node["inputs"]!.AsObject();
            if (schema.Keys.Concat(given.Select(input => input.Key)).FirstOrDefault(name => !schema.ContainsKey(name) || !given.ContainsKey(name) || !schema[name](given[name])) is { } bad)
            {
                return $"{type}.{bad} of node {id} is {given[bad]?.ToJsonString() ?? "missing"}";
            }

            if (given.Select(input => input.Value).OfType<JsonArray>().FirstOrDefault(link => !graph.ContainsKey(link[0]!.GetValue<string>())) is { } dangling)
            {
                return $"node {id} has an input from {dangling.ToJsonString()}";
            }

            if (type == "LoadImage" && !uploads.Contains(given["image"]!.GetValue<string>()))
            {
                return $"node {id} loads {given["image"]}, which was not uploaded";
            }
        }

        return graph.Any(node => node.Value!["class_type"]!.GetValue<string>() == "SaveImage") ? null : "no node saves anything";
    }

    private static bool Text(JsonNode? value) => value?.GetValueKind() is System.Text.Json.JsonValueKind.String;

    private static bool Link(JsonNode? value) => value is JsonArray { Count: 2 } link && Text(link[0]) && link[1]!.GetValueKind() is System.Text.Json.JsonValueKind.Number;

    private static bool Side(JsonNode? value) => Whole(16, 16384)(value) && value!.GetValue<long>() % 8 == 0;

    private static Func<JsonNode?, bool> OneOf(params string[] values) => value => Text(value) && values.Contains(value!.GetValue<string>());

    private static Func<JsonNode?, bool> Whole(long min, long max) => value => value is JsonValue number && number.TryGetValue<long>(out var whole) && whole >= min && whole <= max;

    private static Func<JsonNode?, bool> Real(double min, double max) => value => value is JsonValue number && number.TryGetValue<double>(out var real) && real >= min && real <= max;
}
