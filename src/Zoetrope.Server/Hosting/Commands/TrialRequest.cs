using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Admission.Inputs;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>A request typed on the command line, checked and priced like a customer's.</summary>
/// <param name="Request">The request with every default filled in.</param>
/// <param name="Quote">Its price and the shape of its result.</param>
/// <param name="Files">The local input files by parameter.</param>
internal sealed record TrialRequest(ResolvedRequest Request, Quote Quote, IReadOnlyList<TrialFile> Files)
{
    // The operator's files are read like those of a customer.
    private const string Account = "operator";

    public static async Task<Outcome<TrialRequest>> ReadAsync(
        ModelCatalog catalog,
        MediaProber prober,
        string name,
        string prompt,
        IReadOnlyList<string> parameters,
        IReadOnlyList<string> inputs,
        CancellationToken cancellationToken)
    {
        // A family is its plain model here: what the files are is read from its parameters.
        var model = catalog.Find(name) ?? catalog.Names.Find(name, Attached.Nothing);
        var fields = new List<DraftField>();
        foreach (var parameter in parameters)
        {
            var (key, value) = Pair(parameter)
                ?? throw new StartException("USAGE", $"--param: '{parameter}' must have the form name=value.", StartException.BadSettings);
            var isText = model?.IndexOf(key) is { } index && model.Parameters[index].Type is ParameterType.String;
            fields.Add(new DraftField($"--param {key}", key, isText ? Text(value) : Json(value)));
        }

        var files = new List<TrialFile>();
        foreach (var input in model is null ? [] : inputs)
        {
            files.Add(await FileAsync(model!, prober, input, files, cancellationToken));
        }

        foreach (var group in files.GroupBy(file => file.Parameter))
        {
            var value = model!.Parameters[model.IndexOf(group.Key)!.Value].Type is ParameterType.String
                ? Text(group.First().Path)
                : Json(new JsonArray([.. group.Select(file => JsonValue.Create(file.Path))]).ToJsonString());
            fields.Add(new DraftField($"--input {group.Key}", group.Key, value));
        }

        var resolving = RequestResolver.Resolve(catalog, new Draft
        {
            Model = model?.Id ?? name,
            Prompt = prompt.Length == 0 ? null : new DraftPrompt("prompt", prompt),
            Fields = fields,
        });
        if (resolving.Failed(out var problem))
        {
            return problem;
        }

        var resolved = new List<ResolvedInput>();
        foreach (var reference in resolving.Value.Inputs)
        {
            var file = files.First(file => file.Path == reference.Reference);
            var limits = model!.Parameters[model.IndexOf(reference.Parameter)!.Value].Limits ?? new InputLimits();
            if (InputRules.Check(reference, limits, file.Header, file.Bytes) is { } refusal)
            {
                return refusal;
            }

            resolved.Add(new ResolvedInput(reference, "", file.Header.ToProbe(file.Bytes, file.Sha256)));
        }

        var pricing = RequestPricing.Price(resolving.Value, resolved);
        return pricing.Failed(out problem) ? problem : new TrialRequest(resolving.Value, pricing.Value, files);
    }

    private static async Task<TrialFile> FileAsync(
        ModelSpec model, MediaProber prober, string input, List<TrialFile> before, CancellationToken cancellationToken)
    {
        var (named, path) = File.Exists(input) || Pair(input) is not { } pair ? (null, input) : (pair.Name, pair.Value);
        if (!File.Exists(path))
        {
            throw new StartException("USAGE", $"--input: The file {path} does not exist.", StartException.BadSettings);
        }

        path = Path.GetFullPath(path);
        var header = (await prober.ProbeAsync(path, Account, cancellationToken)).OrFail()
            ?? throw new StartException("INVALID_INPUT", $"{path} is not an image, video or sound that this server can read.");
        var kind = header.IsVideo ? InputKind.Video : header.IsAudio ? InputKind.Audio : InputKind.Image;
        var parameter = named ?? model.Parameters
            .Where(spec => spec.Input == kind && before.Count(file => file.Parameter == spec.Name) < (spec.MaxItems ?? 1))
            .OrderByDescending(spec => spec.Required)
            .FirstOrDefault()?.Name
            ?? throw new StartException("INVALID_INPUT", $"{model.Id} accepts no further {kind.ToString().ToLowerInvariant()}.");
        return new TrialFile(parameter, path, header, new FileInfo(path).Length, await TemporaryFiles.HashAsync(path, cancellationToken));
    }

    private static (string Name, string Value)? Pair(string text) =>
        text.IndexOf('=') is > 0 and var at ? (text[..at], text[(at + 1)..]) : null;

    private static JsonElement Text(string value) => JsonSerializer.SerializeToElement(value);

    // duration=5 is a number and aspect_ratio=16:9 a text; anything that is not JSON is used as text.
    private static JsonElement Json(string value)
    {
        try
        {
            using var document = JsonDocument.Parse(value);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return Text(value);
        }
    }
}

/// <summary>An input file on this machine.</summary>
internal sealed record TrialFile(string Parameter, string Path, MediaHeader Header, long Bytes, string Sha256);
