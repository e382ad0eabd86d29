using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace Zoetrope.Server.Doors.Shared.Web;

/// <summary>
/// A template whose holes are encoded: <c>Html page = $"…{name}…"</c>. Only what is <see cref="Html"/> already goes in as it is, so
/// nothing that came from outside can be forgotten.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Html(int literalLength, int formattedCount)
{
    private const int TypicalHole = 32;

    private readonly StringBuilder _text = new(literalLength + (formattedCount * TypicalHole));

    public static Html Nothing => new(0, 0);

    /// <summary>Text of this program's own that is HTML.</summary>
    public static Html Own(string html)
    {
        var own = new Html(html.Length, 0);
        own.AppendLiteral(html);
        return own;
    }

    public void AppendLiteral(string html) => _text.Append(html);

    public void AppendFormatted(string text) => _text.Append(HtmlEncoder.Default.Encode(text));

    public void AppendFormatted(Html part) => _text.Append(part._text);

    public void AppendFormatted(IEnumerable<Html> parts)
    {
        foreach (var part in parts)
        {
            _text.Append(part._text);
        }
    }

    public override string ToString() => _text.ToString();
}
