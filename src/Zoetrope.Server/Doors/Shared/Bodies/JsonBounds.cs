namespace Zoetrope.Server.Doors.Shared.Bodies;

/// <summary>
/// Looks at JSON while it arrives and stops what would cost much more memory than its own bytes: a document of sixty million
/// numbers, names without end. Only the values of strings may be long. What is JSON at all, the parser says afterwards.
/// </summary>
internal struct JsonBounds
{
    /// <summary>Names, values and brackets. A batch of a thousand requests has a few ten thousand.</summary>
    public const int MaxTokens = 100_000;

    /// <summary>Everything but the values of strings: names, numbers, punctuation and white space.</summary>
    public const int MaxOutside = 1 << 20;

    /// <summary>Levels of objects and lists; one bit of a word each.</summary>
    public const int MaxDepth = 64;

    private static readonly Problem TooMany = Problems.InvalidJson.With(
        $"Invalid JSON body: it has more than {MaxTokens} names and values.", allowed: $"at most {MaxTokens} names and values");

    private static readonly Problem TooLong = Problems.InvalidJson.With(
        $"Invalid JSON body: more than {MaxOutside} bytes are not the value of a string.",
        allowed: $"at most {MaxOutside} bytes of names, numbers, punctuation and white space");

    private static readonly Problem TooDeep = Problems.InvalidJson.With(
        $"Invalid JSON body: it is nested deeper than {MaxDepth} levels.", allowed: $"at most {MaxDepth} levels");

    private ulong _objects;
    private int _depth;
    private int _tokens;
    private int _outside;
    private Place _place;
    private bool _nameIsNext;

    private enum Place : byte
    {
        Outside,
        Name,
        NameEscape,
        Value,
        ValueEscape,
    }

    /// <summary>Reads on with the next bytes; the problem when a bound is passed.</summary>
    public Problem? Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            switch (_place)
            {
                case Place.Value or Place.Name:
                    bytes = InString(bytes);
                    break;
                case Place.ValueEscape or Place.NameEscape:
                    _outside += _place is Place.NameEscape ? 1 : 0;
                    _place--;
                    bytes = bytes[1..];
                    break;
                default:
                    bytes = Outside(bytes);
                    break;
            }

            if (_depth > MaxDepth)
            {
                return TooDeep;
            }

            if (_tokens > MaxTokens || _outside > MaxOutside)
            {
                return _tokens > MaxTokens ? TooMany : TooLong;
            }
        }

        return null;
    }

    private ReadOnlySpan<byte> InString(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOfAny((byte)'"', (byte)'\\');
        var taken = end < 0 ? bytes.Length : end + 1;
        _outside += _place is Place.Name ? taken : 0;
        if (end >= 0)
        {
            _place = bytes[end] == '"' ? Place.Outside : _place + 1;
        }

        return bytes[taken..];
    }

    // To the next string; as there is a bound on what is outside of strings, this loop is short in every body.
    private ReadOnlySpan<byte> Outside(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            switch (bytes[i])
            {
                case (byte)'"':
                    _place = _nameIsNext ? Place.Name : Place.Value;
                    _nameIsNext = false;
                    _outside += i + 1;
                    return bytes[(i + 1)..];
                case (byte)'{' or (byte)'[':
                    _tokens += 2;
                    if (++_depth > MaxDepth)
                    {
                        return [];
                    }

                    _nameIsNext = bytes[i] == '{';
                    _objects = (_objects << 1) | (_nameIsNext ? 1UL : 0);
                    break;
                case (byte)'}' or (byte)']':
                    _depth = Math.Max(0, _depth - 1);
                    _objects >>= 1;
                    _nameIsNext = false;
                    break;
                case (byte)',':
                    _tokens++;
                    _nameIsNext = (_objects & 1) == 1;
                    break;
                case (byte)':':
                    _tokens++;
                    break;
            }

            if (_tokens > MaxTokens || i > MaxOutside)
            {
                _outside += i + 1;
                return [];
            }
        }

        _outside += bytes.Length;
        return [];
    }
}
