using System.Collections.Immutable;
using System.Globalization;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Listing;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>The catalogue as keys of a mode see it.</summary>
internal sealed class ModelAnswers(CatalogHolder catalog, CatalogListing live)
{
    // Test keys run every model in the sandbox, so to them every model is available.
    private readonly ListedAnswers _test = new(new CatalogListing(catalog, static _ => true));
    private readonly ListedAnswers _live = new(live);

    public ListedAnswers Of(KeyMode mode) => mode is KeyMode.Test ? _test : _live;
}

/// <summary>What of the catalogue a query asks for.</summary>
internal static class ListingView
{
    private const int MaxLimit = 1_000;

    private static readonly ImmutableArray<string> Views = ["short", "full"];

    public static Outcome<ListingQuery> Read(IQueryCollection query, IReadOnlyList<string> known)
    {
        if (Unknown(query, known) is { } unknown)
        {
            return unknown;
        }

        var view = query["view"].ToString();
        if (view.Length > 0 && !Views.Contains(view))
        {
            return Problems.InvalidParameter.With("view must be short or full.", "view", ShortText.Of(view), string.Join(", ", Views));
        }

        int? limit = null;
        if (query["limit"].ToString() is { Length: > 0 } given)
        {
            if (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > MaxLimit)
            {
                return Problems.InvalidParameter.With(
                    $"limit must be a whole number from 1 to {MaxLimit}.", "limit", ShortText.Of(given), $"1..{MaxLimit}");
            }

            limit = number;
        }

        return new ListingQuery(query["type"].ToString(), view == "full") { Limit = limit };
    }

    // A misspelt filter would return another list. Names that a reader of one task or page does not know are ignored elsewhere.
    public static Problem? Unknown(IQueryCollection query, IReadOnlyList<string> known) =>
        query.Keys.FirstOrDefault(key => !known.Contains(key)) is { } name
            ? Problems.UnknownParameter.With($"Unknown query parameter {ShortText.Of(name)}.", ShortText.Of(name), allowed: string.Join(", ", known))
            : null;
}
