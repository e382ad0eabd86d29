using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Admission.Requests;

/// <summary>A request as a door understood its dialect, before anything is checked against the model.</summary>
internal sealed record Draft
{
    /// <summary>Null or empty is a missing model.</summary>
    public string? Model { get; init; }

    /// <summary>What lists the models at the client's door.</summary>
    public string ModelList { get; init; } = "GET /api/v1/models";

    /// <summary>The fields that the client's body can have beside the model's parameters.</summary>
    public IReadOnlyList<string> OwnFields { get; init; } = ["model", "prompt", "input", "options", "webhookUrl", "tags", "user"];

    public DraftPrompt? Prompt { get; init; }

    /// <summary>A second place that also gave a prompt; it must agree with the first.</summary>
    public DraftPrompt? OtherPrompt { get; init; }

    public IReadOnlyList<DraftField> Fields { get; init; } = [];

    /// <summary>Files that came with the request, by the text that stands for them in <see cref="Fields"/>.</summary>
    public IReadOnlyDictionary<string, LocalFile>? Files { get; init; }

    /// <summary>A URL that is notified of the task's end.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>What the task is counted for.</summary>
    public Attribution Attribution { get; init; } = Attribution.None;

    /// <summary>What the client said about the result besides the parameters; null if the result fits it.</summary>
    public Func<OutputSpec, Problem?>? Unfit { get; init; }

    /// <summary>What is wrong with the dialect's own shape; reported only after the model is known to exist.</summary>
    public Problem? Malformed { get; init; }
}

/// <summary>A prompt and where it was written; <paramref name="Text"/> is null when it is no string.</summary>
internal sealed record DraftPrompt(string Field, string? Text);

/// <summary>One value of a request.</summary>
/// <param name="Field">The path as the client wrote it, for errors.</param>
/// <param name="Name">Our snake_case name; null for a field that the dialect has no place for.</param>
/// <param name="Value">The value as it came. Nothing keeps it after the request is resolved.</param>
internal readonly record struct DraftField(string Field, string? Name, JsonElement Value)
{
    /// <summary>The older dialect's single image; resolves to the model's own image parameter.</summary>
    public const string LegacyImage = Attached.LegacyImage;
}

/// <summary>What one call requests: usually one generation, otherwise several that start together or not at all.</summary>
internal sealed record Drafts(IReadOnlyList<Draft> Items)
{
    /// <summary>How the client names the request at an index, for the field of its problem; null where all are one request.</summary>
    public Func<int, string>? Name { get; init; }

    /// <summary>The client's field that says how many there are, for a refusal of their number.</summary>
    public string? CountField { get; init; }

    /// <summary>Set if they are to be found together afterwards.</summary>
    public NewBatch? Batch { get; init; }

    /// <summary>Each counted for this too, as far as it says nothing else itself.</summary>
    public Outcome<Drafts> Over(Attribution attribution)
    {
        if (attribution == Attribution.None)
        {
            return this;
        }

        var items = new Draft[Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            if (Items[i].Attribution.Over(attribution).Failed(out var problem, out var both))
            {
                return Name is null ? problem : problem with { Field = $"{Name(i)}.{problem.Field}" };
            }

            items[i] = Items[i] with { Attribution = both };
        }

        return this with { Items = items };
    }

    public static Outcome<Drafts> Of(Outcome<Draft> reading) =>
        reading.Failed(out var problem, out var draft) ? problem : new Drafts([draft]);
}

/// <summary>That the requests of a call are a batch.</summary>
/// <param name="WebhookUrl">Is notified when the last of them has ended.</param>
internal sealed record NewBatch(string? WebhookUrl);
