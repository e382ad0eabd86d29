using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.State;

namespace Zoetrope.Studio.Create;

/// <summary>
/// What is being composed: the words, the family, its settings and files, and the request that they come to. Which model of the
/// family it is follows from the files.
/// </summary>
public sealed class Composition(Catalogue catalogue) : Watched
{
    private const string Preferred = "nano-banana-pro";
    private const string Seed = "seed";

    private static readonly string[] Front = ["aspect_ratio", "resolution", "quality", "mode", "duration"];

    private readonly Dictionary<string, string> _values = [];
    private string? _family;
    private Kept? _before;

    /// <summary>Something that stands for what the last recall replaced; null once that is undone or anything else has changed.</summary>
    public object? Before => _before;

    public string Prompt { get; private set; } = "";

    public List<Attachment> Files { get; } = [];

    public Family? Family => catalogue.FamilyOf(_family) ?? catalogue.FamilyOf(Preferred) ?? catalogue.Families.FirstOrDefault();

    /// <summary>Null where the family has none that takes what is attached.</summary>
    public ModelListing? Model => Family?.Taking(Count("image"), Count("video"), Count("audio"));

    public bool IsUploading => Files.Exists(file => file.Url is null && file.Trouble is null);

    /// <summary>Settings that are shown in the composer itself, in their order.</summary>
    public IEnumerable<KeyValuePair<string, ModelParameter>> FrontSettings =>
        Settings.Where(setting => Front.Contains(setting.Key)).OrderBy(setting => Array.IndexOf(Front, setting.Key)).Take(3);

    /// <summary>All others.</summary>
    public IEnumerable<KeyValuePair<string, ModelParameter>> MoreSettings => Settings.Except(FrontSettings);

    public bool HasMore => MoreSettings.Any(setting => _values.ContainsKey(setting.Key));

    /// <summary>Null while nothing can be sent: no model, no words, a file on its way.</summary>
    public GenerateRequest? Request => Prompt.Trim().Length > 0 || !NeedsWords ? Shape(Prompt.Trim()) : null;

    /// <summary>The same for a price, which does not depend on the words.</summary>
    public GenerateRequest? Priced => Shape(Prompt.Trim() is { Length: > 0 } words ? words : "…");

    private bool NeedsWords => Model?.Parameters.GetValueOrDefault("prompt") is { Required: true };

    private IEnumerable<KeyValuePair<string, ModelParameter>> Settings => Model?.Parameters.Where(
        setting => setting.Key != "prompt" && State.Family.KindOf(setting.Key).Length == 0 && setting.Value.Type is not ("array" or "object")) ?? [];

    public void Write(string prompt) => Change(() => Prompt = prompt);

    public void Choose(string family) => Change(() => _family = family);

    /// <summary>The same for another family, which takes of the settings what it has.</summary>
    public Composition For(Family family)
    {
        var other = new Composition(catalogue);
        other.Replace(new Kept(family.Id, Prompt, _values, Files));
        return other;
    }

    public void Attach(Attachment file) => Change(() => Files.Add(file));

    public void Detach(Attachment file) => Change(() => Files.Remove(file));

    /// <summary>Something of a file has changed.</summary>
    public void Touch() => Tell();

    public void Set(string name, string value) => Change(() =>
    {
        if (value.Length == 0 || value == Default(name))
        {
            _values.Remove(name);
        }
        else
        {
            _values[name] = value;
        }
    });

    /// <summary>What is set, or the model's own.</summary>
    public string Value(string name) => IsOffered(name, _values.GetValueOrDefault(name)) ? _values[name] : Default(name);

    /// <summary>Puts parts of a task into the composer, in place of what is there; the files that it began with are not among them.</summary>
    public void Recall(TaskState task, Recalled parts)
    {
        var before = new Kept(_family, Prompt, new(_values), [.. Files]);
        Change(() => Take(task, parts));
        _before = before;
        Tell();
    }

    /// <summary>What was there before the last recall, as long as nothing else has changed.</summary>
    public void Undo()
    {
        if (_before is { } before)
        {
            Change(() => Replace(before));
        }
    }

    /// <summary>Whoever goes on has not regretted it.</summary>
    public void Keep()
    {
        if (_before is not null)
        {
            Change(() => { });
        }
    }

    /// <summary>Whether a task has a seed that can be used again.</summary>
    public static bool HasSeed(TaskState task) => Given(task).Any(given => given.Name == Seed && given.Text.Length > 0);

    public Draft ToDraft() => new()
    {
        Family = _family,
        Prompt = Prompt,
        Values = new(_values),
        Files = [.. Files.Where(file => file.Url is not null).Select(file => new DraftFile(file.Kind, file.Name, file.Url!))],
    };

    public void Restore(Draft draft) => Change(() => Replace(new Kept(
        draft.Family, draft.Prompt, draft.Values, [.. draft.Files.Select(file => new Attachment(file.Kind, file.Name, Media.Here(file.Url)) { Url = file.Url })])));

    /// <summary>A setting's value as people and drafts write it.</summary>
    public static string Text(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.True } => "true",
        { ValueKind: JsonValueKind.False } => "false",
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => "",
    };

    /// <summary>What a task was made with, files aside.</summary>
    internal static IEnumerable<(string Name, string Text)> Given(TaskState task) => task.ResolvedParams.ValueKind != JsonValueKind.Object ? []
        : task.ResolvedParams.EnumerateObject().Where(given => given.Value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object))
            .Select(given => (given.Name, Text(given.Value)));

    private void Replace(Kept kept)
    {
        (_family, Prompt) = (kept.Family, kept.Prompt);
        _values.Clear();
        foreach (var (name, value) in kept.Values)
        {
            _values[name] = value;
        }

        Files.Clear();
        Files.AddRange(kept.Files);
    }

    private void Take(TaskState task, Recalled parts)
    {
        if (parts.HasFlag(Recalled.Prompt))
        {
            Prompt = task.Prompt;
        }

        if (parts == Recalled.Everything)
        {
            Files.Clear();
        }

        if (parts.HasFlag(Recalled.Settings))
        {
            _family = catalogue.Model(task.Model)?.Family ?? _family;
            _values.Clear();
        }

        if (parts.HasFlag(Recalled.Picture) && task.Result is { Type: "image" } picture)
        {
            Files.Add(new Attachment("image", task.Prompt, Media.Here(picture.PosterUrl ?? picture.Url)) { Url = picture.Url });
        }

        foreach (var (name, text) in Given(task).Where(given => parts.HasFlag(given.Name == Seed ? Recalled.Seed : Recalled.Settings)))
        {
            if (text != Default(name) && IsOffered(name, text))
            {
                _values[name] = text;
            }
        }
    }

    private int Count(string kind) => Files.Count(file => file.Kind == kind && file.Trouble is null);

    private string Default(string name) => Model?.Parameters.GetValueOrDefault(name) is not { } parameter ? ""
        : Text(parameter.Default) is { Length: > 0 } own ? own
        : parameter is { Required: true, Enum: [var first, ..] } ? Text(first)
        : "";

    private bool IsOffered(string name, string? value) =>
        value is { Length: > 0 } && Model?.Parameters.GetValueOrDefault(name) is { } parameter
        && (parameter.Enum is not { } allowed || allowed.Any(one => Text(one) == value))
        && (parameter.Type is not ("integer" or "number") || (double.TryParse(value, CultureInfo.InvariantCulture, out var number)
            && number >= (parameter.Minimum ?? double.MinValue) && number <= (parameter.Maximum ?? double.MaxValue)));

    private GenerateRequest? Shape(string prompt)
    {
        if (Model is not { } model || IsUploading)
        {
            return null;
        }

        var input = new JsonObject();
        foreach (var (name, parameter) in Settings)
        {
            if (Value(name) is { Length: > 0 } value && (value != Text(parameter.Default) || parameter.Required))
            {
                input[name] = parameter.Type is "integer" or "number" or "boolean" ? JsonNode.Parse(value) : JsonValue.Create(value);
            }
        }

        foreach (var (name, parameter) in State.Family.Files(model))
        {
            var urls = Files.Where(file => file.Kind == State.Family.KindOf(name) && file.Url is not null).Select(file => file.Url!).ToList();
            if (urls.Count > 0)
            {
                input[name] = parameter.Type == "array" ? new JsonArray([.. urls.Select(url => JsonValue.Create(url))]) : JsonValue.Create(urls[0]);
            }
        }

        using var written = JsonDocument.Parse(input.ToJsonString());
        return new GenerateRequest
        {
            Model = model.Id,
            Prompt = prompt.Length > 0 ? prompt : null,
            Input = written.RootElement.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.Clone()),
        };
    }

    private void Change(Action change)
    {
        _before = null;
        change();
        Tell();
    }

    private sealed record Kept(string? Family, string Prompt, Dictionary<string, string> Values, List<Attachment> Files);
}
