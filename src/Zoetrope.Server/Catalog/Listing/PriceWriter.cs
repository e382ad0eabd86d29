using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Listing;

/// <summary>Writes a price rule in the form of the catalogue, with the lowest price and that of the default request.</summary>
internal static class PriceWriter
{
    public static void Write(Utf8JsonWriter writer, ModelSpec model)
    {
        writer.WriteStartObject();
        WriteRule(writer, model.Price);
        writer.WriteNumber("from", From(model));
        if (Default(model) is { } credits)
        {
            writer.WriteNumber("example", credits);
        }

        writer.WriteEndObject();
    }

    /// <summary>The price of a request that sets no parameter, where no input file decides it.</summary>
    public static long? Default(ModelSpec model)
    {
        if (model.Output.NeedsInput)
        {
            return null;
        }

        var values = model.Parameters.Select(parameter => parameter.Default).ToArray();
        var output = model.Output.Resolve(values, []);
        if (output.Problem is not null)
        {
            return null;
        }

        var quote = model.Price.Quote(new PriceQuantities
        {
            Values = values,
            OutputMilliseconds = PriceRule.Milliseconds(output.Value.DurationSeconds),
            OutputPixels = (long)output.Value.Width * output.Value.Height,
        });
        return quote.Problem is null ? quote.Value : null;
    }

    /// <summary>The lowest price of any request.</summary>
    public static long From(ModelSpec model)
    {
        var input = model.Parameters
            .Where(parameter => parameter.Input == InputKind.Video)
            .Select(parameter => (long)Math.Ceiling(parameter.Limits?.MinSeconds ?? 1))
            .DefaultIfEmpty(1)
            .Min();
        var output = model.Output switch
        {
            { SecondsFrom: { } place } => ParameterMinimum(model.Parameters[place]),
            { Kind: OutputKind.Edit or OutputKind.Upscale } => input,
            var rule => rule.Seconds,
        };
        return model.Price.From(output, input);
    }

    private static long ParameterMinimum(ParameterSpec parameter) =>
        parameter.Integers.Length > 0 ? parameter.Integers[0] : (long)(parameter.Min ?? 1);

    private static void WriteRule(Utf8JsonWriter writer, PriceRule rule)
    {
        switch (rule)
        {
            case PriceRule.Table { Prices: { Keys.Length: 0 } flat }:
                writer.WriteString("type", "flat");
                writer.WriteNumber("credits", flat.Cells[0]);
                break;
            case PriceRule.Table table:
                writer.WriteString("type", "table");
                WriteTable(writer, "rows", table.Prices);
                break;
            case PriceRule.PerSecond perSecond:
                writer.WriteString("type", "perSecond");
                writer.WriteString("base", perSecond.Base switch
                {
                    SecondsBase.Output => "output",
                    SecondsBase.Input => "input",
                    _ => "inputAndOutput",
                });
                WriteTable(writer, "rates", perSecond.Rates);
                break;
            case PriceRule.IfVideoReference conditional:
                writer.WriteString("type", "ifVideoReference");
                writer.WriteStartObject("then");
                WriteRule(writer, conditional.Then);
                writer.WriteEndObject();
                writer.WriteStartObject("else");
                WriteRule(writer, conditional.Else);
                writer.WriteEndObject();
                break;
            case PriceRule.OutputMegapixels megapixels:
                writer.WriteString("type", "outputMegapixels");
                writer.WriteStartArray("tiers");
                foreach (var tier in megapixels.Tiers)
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("upTo", tier.UpTo);
                    writer.WriteNumber("credits", tier.Credits);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                break;
        }
    }

    private static void WriteTable(Utf8JsonWriter writer, string member, PriceTable table)
    {
        writer.WriteStartArray("keys");
        foreach (var parameter in table.Parameters)
        {
            writer.WriteStringValue(parameter.Name);
        }

        writer.WriteEndArray();
        writer.WritePropertyName(member);
        var cell = 0;
        WriteRows(writer, table, 0, ref cell);
    }

    private static void WriteRows(Utf8JsonWriter writer, PriceTable table, int depth, ref int cell)
    {
        writer.WriteStartObject();
        var key = table.Parameters[depth];
        for (var ordinal = 0; ordinal < key.Cardinality!.Value; ordinal++)
        {
            writer.WritePropertyName(key.TextAt(ordinal));
            if (depth + 1 < table.Parameters.Length)
            {
                WriteRows(writer, table, depth + 1, ref cell);
            }
            else
            {
                writer.WriteNumberValue(table.Cells[cell++]);
            }
        }

        writer.WriteEndObject();
    }
}
