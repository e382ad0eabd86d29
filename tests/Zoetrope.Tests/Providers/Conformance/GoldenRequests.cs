using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zoetrope.Server;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Catalog;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>
/// What reaches a vendor for one model: the shortest request in full, then every value of every parameter as its difference.
/// Kept as text files that a person reviews against the vendor's documentation. <c>ZOETROPE_UPDATE_GOLDEN=1</c> writes them.
/// </summary>
internal sealed partial class GoldenRequests(FakeVendor vendor, IProviderAdapter adapter, TimeProvider time)
{
    private const string Prompt = "a red fox";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Folder(string provider) => Path.Combine(SourceTree.Root, "tests", "Zoetrope.Tests", "Providers", "Golden", provider);

    public async Task AssertAsync(ModelSpec model)
    {
        var path = Path.Combine(Folder(vendor.Provider), model.Id + ".txt");
        var text = await DescribeAsync(model);
        if (Environment.GetEnvironmentVariable("ZOETROPE_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, text);
            return;
        }

        Assert.True(File.Exists(path), $"{path} is missing; review what ZOETROPE_UPDATE_GOLDEN=1 writes.");
        Assert.Equal(await File.ReadAllTextAsync(path), text);
    }

    private async Task<string> DescribeAsync(ModelSpec model)
    {
        var text = new StringBuilder();
        foreach (var route in model.Routes.Where(route => route.Provider == vendor.Provider))
        {
            text.Append(CultureInfo.InvariantCulture, $"# {model.Id} on {vendor.Provider}\n");
            var (shortest, first) = await FirstAsync(route, model);
            text.Append(shortest);
            foreach (var (parameter, json) in Variants(model))
            {
                text.Append(CultureInfo.InvariantCulture, $"\n## {parameter.Name} = {(json.Length > 120 ? json[..120] + "…" : json)}\n");
                (string, string)[] asked = parameter.RequiredWhen is { } when
                    ? [(parameter.Name, json), (when.Parameter, when.Text is "true" or "false" ? when.Text : JsonSerializer.Serialize(when.Text))]
                    : [(parameter.Name, json)];
                text.Append(await DifferenceAsync(route, Ask.Smallest(model, asked), first));
            }
        }

        return text.ToString();
    }

    private async Task<(string Text, string[] Lines)> FirstAsync(RouteSpec route, ModelSpec model)
    {
        var sent = await SendAsync(route, Ask.Resolved(Ask.Smallest(model)));
        return (sent, sent.Split('\n'));
    }

    private async Task<string> DifferenceAsync(RouteSpec route, string body, string[] first)
    {
        var resolving = Ask.Resolve(body);
        if (resolving.Failed(out var problem))
        {
            // The model's own rules tie this value to another one: what they allow is tried with it.
            return $"not alone: {problem.Message}\n";
        }

        var lines = (await SendAsync(route, resolving.Value)).Split('\n');
        var removed = first.Except(lines).Select(line => $"- {line.Trim()}\n");
        var added = lines.Except(first).Select(line => $"+ {line.Trim()}\n");
        var difference = string.Concat(removed.Concat(added));
        return difference.Length == 0 ? "(as above)\n" : difference;
    }

    private async Task<string> SendAsync(RouteSpec route, ResolvedRequest resolved)
    {
        using var parameters = JsonDocument.Parse(resolved.Parameters);
        if (RouteFit.Gap(route, adapter.Profile.Inputs, resolved.OnRoutes(parameters.RootElement, publicAddress: true)) is { } gap)
        {
            return $"no route: {gap.Parameter} {gap.Asked}, {gap.Can}\n";
        }

        var priced = Ask.Price(resolved, Ask.Video(1280, 720, 5));
        Assert.Null(priced.Problem);
        var attempt = Ids.New(Ids.Attempt, time);
        var before = vendor.Requests.Count;
        var request = new ProviderRequest
        {
            AttemptId = attempt,
            Route = route,
            Key = new ProviderKey(vendor.Key),
            Model = resolved.Model.Id,
            Mode = resolved.Model.Mode,
            Prompt = resolved.Prompt,
            Parameters = parameters.RootElement.Clone(),
            Inputs = [.. resolved.Inputs.Select(Input)],
            Output = priced.Value.Output,
            IntendedAt = time.GetUtcNow(),
        };
        var prepared = adapter.Prepare(request);
        var told = ToldFields.Of(prepared.Sent);
        var result = await adapter.SubmitAsync(request, prepared, CancellationToken.None);
        Assert.Empty(vendor.Violations);
        Assert.True(result is SubmitResult.Accepted or SubmitResult.Completed, $"{resolved.Model.Id}: {result}");
        var received = vendor.Requests.Skip(before).Where(request => !IsOfTheServer(request)).ToList();
        Assert.Equal(told, ToldFields.Received(received[^1], Prompt));
        return string.Concat(received.Select(request => Show(request, attempt)));
    }

    // The server beside us asks such a vendor for its list of jobs now and then, which is no part of a submit.
    private bool IsOfTheServer(VendorRequest request) => adapter is IJobLister && request.Method == "GET";

    private static ProviderInput Input(InputReference input, int index) => input.Kind switch
    {
        InputKind.Video => new ProviderInput(input.Parameter, TestMedia.Video(320, 240, 2), "video/mp4", Public($"{index}.mp4")),
        InputKind.Audio => new ProviderInput(input.Parameter, TestMedia.Mp3, "audio/mpeg", Public($"{index}.mp3")),
        _ => new ProviderInput(input.Parameter, TestMedia.Image(64, 48), "image/png", Public($"{index}.png")),
    };

    private static Func<Task<Uri?>> Public(string name) => () => Task.FromResult<Uri?>(new Uri($"https://files.example.test/{name}"));

    private string Show(VendorRequest request, string attempt)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{request.Method} {request.Path}{request.Query}\n");
        foreach (var header in request.Headers.Where(header => !Unremarkable.Contains(header.Key)).OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
        {
            text.Append(CultureInfo.InvariantCulture, $"{header.Key.ToLowerInvariant()}: {header.Value}\n");
        }

        if (request.Json.Count > 0)
        {
            text.Append(Short(request.Json).ToJsonString(Indented)).Append('\n');
        }
        else if (request.Header("Content-Type")?.StartsWith("multipart/", StringComparison.Ordinal) == true)
        {
            text.Append(Parts(request));
        }
        else if (request.Body.Length > 0)
        {
            text.Append("<file>\n");
        }

        text.Replace(attempt, "<attempt>").Replace(vendor.Key, "<key>").Replace(vendor.Address.Authority, "<vendor>");
        return vendor.Reviewable(Changing().Replace(text.ToString(), "<changing>"));
    }

    private static readonly HashSet<string> Unremarkable = new(["Host", "User-Agent", "Content-Length", "Content-Type", "Transfer-Encoding", "traceparent", "Accept-Encoding"], StringComparer.OrdinalIgnoreCase);

    // Ids that are made anew for every request, and signatures.
    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}|eyJ[\\w.-]{20,}")]
    private static partial Regex Changing();

    private static string Parts(VendorRequest request)
    {
        var boundary = request.Header("Content-Type")!.Split("boundary=")[1].Trim('"');
        var text = Encoding.Latin1.GetString(request.Body);
        var shown = new StringBuilder();
        foreach (var part in text.Split("--" + boundary).Skip(1).SkipLast(1))
        {
            var end = part.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var name = Regex.Match(part[..end], "name=\"?([^\";\r\n]+)").Groups[1].Value;
            var value = part[(end + 4)..^2];
            shown.Append(CultureInfo.InvariantCulture, $"part {name}: {(value.Any(c => c > 126 || c < 9) ? "<file>" : value)}\n");
        }

        return shown.ToString();
    }

    // Files are shown by their length: their bytes are the fakes' to check.
    private static JsonNode Short(JsonNode node)
    {
        switch (node)
        {
            case JsonObject members:
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : (JsonNode?)Short(member.Value))));
            case JsonArray items:
                return new JsonArray([.. items.Select(item => item is null ? null : Short(item))]);
            case JsonValue value when value.TryGetValue<string>(out var text) && text.Length > 100:
                var comma = text.StartsWith("data:", StringComparison.Ordinal) ? text.IndexOf(',', StringComparison.Ordinal) + 1 : 0;
                return JsonValue.Create($"{text[..comma]}<file>");
            default:
                return node.DeepClone();
        }
    }

    private static IEnumerable<(ParameterSpec Parameter, string Json)> Variants(ModelSpec model)
    {
        foreach (var parameter in model.Parameters)
        {
            IEnumerable<string> values = parameter switch
            {
                { Input: not null } => [Files(parameter)],
                { Values.Length: > 0 } => parameter.Values.Select(value => JsonSerializer.Serialize(value)),
                { Integers.Length: > 0 } => parameter.Integers.Select(value => value.ToString(CultureInfo.InvariantCulture)),
                { Type: ParameterType.Boolean } => ["true", "false"],
                { Type: ParameterType.Integer or ParameterType.Number } => [Number(parameter.Min ?? 0), Number(parameter.Max ?? 7)],
                { Type: ParameterType.String } => ["\"blurry hands\""],
                { Type: ParameterType.ObjectArray } => ["""[{"prompt":"one","duration":2},{"prompt":"two","duration":3}]"""],
                _ => [],
            };
            foreach (var value in values.Distinct())
            {
                yield return (parameter, value);
            }
        }
    }

    private static string Files(ParameterSpec parameter) => parameter.Type == ParameterType.String
        ? "\"https://files.example.test/a\""
        : $"[{string.Join(',', Enumerable.Range(0, parameter.MaxItems ?? 1).Select(index => $"\"https://files.example.test/{index}\""))}]";

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
