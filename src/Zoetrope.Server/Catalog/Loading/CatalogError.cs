namespace Zoetrope.Server.Catalog.Loading;

/// <summary>One thing that is wrong with a catalogue.</summary>
/// <param name="Place">Where: <c>models[seedance-2-0-text-to-video].routes[0].params.duration</c>, or a file's name.</param>
/// <param name="Message">What is wrong, what is allowed and what may have been meant.</param>
internal sealed record CatalogError(string Place, string Message)
{
    private const string ModelPrefix = "models[";

    /// <summary>The model's id; null where the error is not about one model.</summary>
    public string? Model =>
        Place.StartsWith(ModelPrefix, StringComparison.Ordinal) && Place.IndexOf(']', StringComparison.Ordinal) is var end and > 0
            ? Place[ModelPrefix.Length..end]
            : null;

    /// <summary>The part of the model (<c>price</c>), or of its route (<c>params</c>, <c>transforms</c>, <c>accepts</c>, …).</summary>
    public string? Section
    {
        get
        {
            if (Model is not { } model)
            {
                return null;
            }

            var parts = Place[(ModelPrefix.Length + model.Length + 1)..].TrimStart('.').Split('.', 3);
            return parts.Length > 1 && parts[0].StartsWith("routes[", StringComparison.Ordinal) ? parts[1] : parts[0];
        }
    }

    /// <summary>The wrong word, where it is one.</summary>
    public string? Word { get; init; }

    /// <summary>The nearest right word.</summary>
    public string? Suggestion { get; init; }

    public override string ToString() => $"{Place}: {Message}";

    /// <summary>A line of the form <c>place: message</c>.</summary>
    public static implicit operator CatalogError(string line) =>
        line.IndexOf(": ", StringComparison.Ordinal) is var colon and > 0
            ? new CatalogError(line[..colon], line[(colon + 2)..])
            : new CatalogError("", line);
}
