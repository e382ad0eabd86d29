using System.Text;

namespace Zoetrope.Server.Doors.Shared.Spending;

/// <summary>A table as comma-separated values (RFC 4180), where the client asked for one.</summary>
internal static class CsvAnswer
{
    private const string ContentType = "text/csv";
    private const string Special = ",\"\r\n";

    /// <summary>Whether it did: by <c>format=csv</c>, or by its Accept header alone.</summary>
    public static Outcome<bool> IsWanted(HttpContext context)
    {
        var format = context.Request.Query["format"].ToString();
        return format switch
        {
            "" => context.Request.Headers.Accept.ToString().StartsWith(ContentType, StringComparison.OrdinalIgnoreCase),
            "csv" => true,
            "json" => false,
            _ => Problems.InvalidParameter.With("format must be json or csv.", "format", ShortText.Of(format), "json, csv"),
        };
    }

    /// <param name="names">The first line.</param>
    /// <param name="rows">A text or a number for each name.</param>
    /// <param name="next">The cursor of the next page, sent as the header <c>X-Next-Cursor</c>.</param>
    public static Answer Of(IReadOnlyList<string> names, IEnumerable<IReadOnlyList<object>> rows, string? next)
    {
        var text = new StringBuilder();
        text.AppendJoin(',', names).Append("\r\n");
        foreach (var row in rows)
        {
            text.AppendJoin(',', row.Select(Cell)).Append("\r\n");
        }

        return new Answer(context =>
        {
            context.Response.ContentType = $"{ContentType}; charset=utf-8";
            if (next is not null)
            {
                context.Response.Headers["X-Next-Cursor"] = next;
            }

            return context.Response.WriteAsync(text.ToString(), context.RequestAborted);
        });
    }

    private static string Cell(object value)
    {
        if (value is not string text)
        {
            return Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!;
        }

        // A customer's text must not become a formula in the operator's spreadsheet.
        text = text is ['=' or '+' or '-' or '@', ..] ? $"'{text}" : text;
        return text.AsSpan().ContainsAny(Special) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
