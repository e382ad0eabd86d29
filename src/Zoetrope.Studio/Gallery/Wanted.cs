using Zoetrope.Client;
using static Zoetrope.Studio.Texts.Words;

namespace Zoetrope.Studio.Gallery;

/// <summary>What is looked for in the gallery: as an address, as words, and as a question to the server.</summary>
public sealed record Wanted
{
    private const string Root = "/gallery";
    private const string OfCollection = Root + "/c/";
    private const int PageSize = 60;

    public string Words { get; init; } = "";

    /// <summary><c>image</c>, <c>video</c>, or nothing for both.</summary>
    public string Kind { get; init; } = "";

    public bool OnlyStars { get; init; }

    public string Collection { get; init; } = "";

    public bool IsFiltered => this != new Wanted();

    /// <summary>For whoever finds nothing.</summary>
    public string Described => string.Join(", ", new[]
    {
        Words.Length > 0 ? "“" + Words + "”" : "",
        Kind.Length > 0 ? T("gallery.kind." + Kind) : "",
        OnlyStars ? T("gallery.starred") : "",
        Collection,
    }.Where(part => part.Length > 0));

    public string Address
    {
        get
        {
            string[] parts =
            [
                Words.Length > 0 ? "q=" + Uri.EscapeDataString(Words) : "", Kind.Length > 0 ? "kind=" + Kind : "", OnlyStars ? "star=true" : "",
            ];
            var query = string.Join('&', parts.Where(part => part.Length > 0));
            return (Collection.Length > 0 ? OfCollection + Uri.EscapeDataString(Collection) : Root) + (query.Length > 0 ? "?" + query : "");
        }
    }

    /// <summary>Null where the address is another page's.</summary>
    public static Wanted? Read(Uri address)
    {
        var path = address.AbsolutePath;
        if (path != Root && !path.StartsWith(Root + "/", StringComparison.Ordinal))
        {
            return null;
        }

        var query = address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2))
            .DistinctBy(part => part[0]).ToDictionary(part => part[0], part => Uri.UnescapeDataString(part[^1].Replace('+', ' ')));
        return new Wanted
        {
            Words = query.GetValueOrDefault("q", ""),
            Kind = query.GetValueOrDefault("kind") is ("image" or "video") and var kind ? kind : "",
            OnlyStars = query.ContainsKey("star") || path == Root + "/stars",
            Collection = path.StartsWith(OfCollection, StringComparison.Ordinal) ? Uri.UnescapeDataString(path[OfCollection.Length..]) : "",
        };
    }

    public TaskQuery Query(string? cursor) => new()
    {
        Status = "completed",
        Limit = PageSize,
        Cursor = cursor,
        Words = Words.Length > 0 ? Words : null,
        Type = Kind.Length > 0 ? Kind : null,
        Star = OnlyStars ? true : null,
        Collection = Collection.Length > 0 ? Collection : null,
    };
}
