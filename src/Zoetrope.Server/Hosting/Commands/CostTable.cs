using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Costs;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>Prices, costs and margins of routes, for a person and for a program.</summary>
internal static class CostTable
{
    private static readonly (string Title, int Width)[] Columns =
        [("MODEL", -41), ("ROUTE", -9), ("PRICE", 5), ("USD", 7), ("COST", 7), ("MARGIN", 6)];

    /// <summary>One line of at most 80 characters for each route of the built-in catalogue, ids whole.</summary>
    public static void Show(IAnsiConsole console, CostReport? report, CatalogOptions options)
    {
        if (report is null)
        {
            return;
        }

        var writer = console.Profile.Out.Writer;
        writer.WriteLine(Line([.. Columns.Select(column => column.Title)]));
        foreach (var route in report.Routes)
        {
            writer.WriteLine(Line(
                route.Model.Id,
                route.Route.Provider,
                $"{route.Lowest.Credits}",
                Fixed(route.Lowest.ValueMicros),
                route.Lowest.CostMicros is { } cost ? (route.Cost.Kind is CostKind.Assumed ? "~" : "") + Fixed(cost) : "unknown",
                route.Lowest.Percent is { } percent ? $"{percent}%" : ""));
        }

        writer.WriteLine();
        writer.WriteLine(
            $"PRICE in credits, USD at {CostReport.Usd(options.CreditValueMicros)} each (Catalog:CreditValueMicros), COST in USD.\n"
            + "Each line shows the request of the route that earns least. ~ is an assumed cost.\n"
            + "--json has the source of each cost, and which request it is.\n");
    }

    public static JsonArray Json(CostReport? report) => new(
    [
        .. (report?.Routes ?? []).Select(route => new JsonObject
        {
            ["model"] = route.Model.Id,
            ["provider"] = route.Route.Provider,
            ["providerModel"] = route.Route.Model,
            ["request"] = route.Lowest.Request,
            ["credits"] = route.Lowest.Credits,
            ["priceMicros"] = route.Lowest.ValueMicros,
            ["costMicros"] = route.Lowest.CostMicros,
            ["marginPercent"] = route.Lowest.Percent,
            ["kind"] = Word(route.Cost.Kind),
            ["checked"] = route.Cost.Checked?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["source"] = route.Cost.Source,
        }),
    ]);

    public static string Word(CostKind kind) => kind switch
    {
        CostKind.Stated => "stated",
        CostKind.Assumed => "assumed",
        _ => "unknown",
    };

    private static string Line(params string[] cells) => string.Join(
        ' ',
        cells.Select((cell, place) => Padded(cell, Columns[place].Width))).TrimEnd();

    // Seven characters, with the mark of an assumed cost.
    private static string Fixed(long micros) =>
        (micros / 1_000_000m).ToString(micros < 10_000_000 ? "0.0000" : "0.000", CultureInfo.InvariantCulture);

    // As in a composite format, a negative width aligns to the left.
    private static string Padded(string cell, int width) => width < 0 ? cell.PadRight(-width) : cell.PadLeft(width);
}
