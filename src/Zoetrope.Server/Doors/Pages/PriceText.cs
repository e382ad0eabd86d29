using System.Globalization;
using System.Text;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>A price in Markdown.</summary>
internal static class PriceText
{
    public static void Write(StringBuilder text, PriceRule rule)
    {
        WriteResult(text, rule);
        if (rule.Images is { } images)
        {
            text.Append(images.Free == 0
                ? "\nEach input image adds:"
                : string.Create(CultureInfo.InvariantCulture, $"\nThis includes {Count(images.Free)}. Each further one adds:"));
            WriteAdded(text, images.Each);
        }
    }

    private static string Count(int images) => images == 1 ? "1 input image" : $"{images} input images";

    private static void WriteAdded(StringBuilder text, PriceRule each)
    {
        switch (each)
        {
            case PriceRule.Table { Prices.Keys.Length: 0 } flat:
                text.Append(CultureInfo.InvariantCulture, $" {ModelText.Credits(flat.Prices.Lowest)}.\n");
                break;
            case PriceRule.Table table:
                text.Append("\n\n");
                Rows(text, table.Prices);
                break;
            default:
                text.Append("\n\n");
                WriteResult(text, each);
                break;
        }
    }

    private static void WriteResult(StringBuilder text, PriceRule rule)
    {
        switch (rule)
        {
            case PriceRule.Table { Prices.Keys.Length: 0 } flat:
                text.Append(CultureInfo.InvariantCulture, $"{ModelText.Credits(flat.Prices.Lowest)} for each result.\n");
                break;
            case PriceRule.Table table:
                text.Append("Credits for each result:\n\n");
                Rows(text, table.Prices);
                break;
            case PriceRule.PerSecond { Rates.Keys.Length: 0 } second:
                text.Append(CultureInfo.InvariantCulture, $"{ModelText.Credits(second.Rates.Lowest)} for each second of {Of(second.Base)}.\n");
                break;
            case PriceRule.PerSecond second:
                text.Append(CultureInfo.InvariantCulture, $"Credits for each second of {Of(second.Base)}:\n\n");
                Rows(text, second.Rates);
                break;
            case PriceRule.IfVideoReference either:
                text.Append("Without an input video: ");
                Write(text, either.Else);
                text.Append("\nWith an input video: ");
                Write(text, either.Then);
                break;
            case PriceRule.OutputMegapixels size:
                text.Append("Credits by the size of the result:\n\n| Megapixels | Credits |\n|---|---|\n");
                foreach (var tier in size.Tiers)
                {
                    text.Append(CultureInfo.InvariantCulture, $"| up to {tier.UpTo} | {tier.Credits} |\n");
                }

                break;
        }
    }

    private static string Of(SecondsBase seconds) => seconds switch
    {
        SecondsBase.Output => "the result",
        SecondsBase.Input => "the input videos",
        _ => "the result and of the input videos",
    };

    private static void Rows(StringBuilder text, PriceTable table)
    {
        if (table.Parameters.Length == 2)
        {
            Grid(text, table.Parameters[0], table.Parameters[1], table.Cells);
            return;
        }

        text.Append('|');
        foreach (var parameter in table.Parameters)
        {
            text.Append(CultureInfo.InvariantCulture, $" {MarkdownText.Code(parameter.Name)} |");
        }

        text.Append(" Credits |\n|").Insert(text.Length, "---|", table.Parameters.Length + 1).Append('\n');
        var values = new string[table.Parameters.Length];
        for (var cell = 0; cell < table.Cells.Length; cell++)
        {
            if (table.Cells[cell] <= 0)
            {
                continue;
            }

            for (var (key, rest) = (table.Parameters.Length - 1, cell); key >= 0; key--)
            {
                var count = table.Parameters[key].Cardinality!.Value;
                values[key] = MarkdownText.Code(table.Parameters[key].TextAt(rest % count));
                rest /= count;
            }

            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", values)} | {table.Cells[cell]} |\n");
        }
    }

    // Two parameters are read best as rows and columns: the longer list goes down.
    private static void Grid(StringBuilder text, ParameterSpec first, ParameterSpec second, IReadOnlyList<long> cells)
    {
        var (across, down) = (first.Cardinality!.Value, second.Cardinality!.Value);
        text.Append(CultureInfo.InvariantCulture, $"| {MarkdownText.Code(second.Name)} |");
        for (var column = 0; column < across; column++)
        {
            text.Append(CultureInfo.InvariantCulture, $" {MarkdownText.Code(first.Name)} {MarkdownText.Code(first.TextAt(column))} |");
        }

        text.Append("\n|").Insert(text.Length, "---|", across + 1).Append('\n');
        for (var row = 0; row < down; row++)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {MarkdownText.Code(second.TextAt(row))} |");
            for (var column = 0; column < across; column++)
            {
                var credits = cells[(column * down) + row];
                text.Append(CultureInfo.InvariantCulture, $" {(credits > 0 ? credits.ToString(CultureInfo.InvariantCulture) : "–")} |");
            }

            text.Append('\n');
        }
    }
}
