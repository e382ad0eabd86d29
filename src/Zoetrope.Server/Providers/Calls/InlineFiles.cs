using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Zoetrope.Server.Providers.Calls;

/// <summary>
/// Reads a JSON body whose strings may hold whole files in base64: a string longer than <see cref="Threshold"/> is decoded
/// into a file while it streams past and replaced by a mark, so that neither it nor its text is ever in memory.
/// </summary>
internal sealed class InlineFiles
{
    public const string Mark = "@file:";

    /// <summary>Bytes of a string above which it is taken for a file.</summary>
    public const int Threshold = 32 * 1024;

    private const int MaxJson = 4 * 1024 * 1024;
    private const long MaxFile = 1L << 30;

    private readonly ResultShelf? _shelf;
    private readonly ArrayBufferWriter<byte> _json = new(8 * 1024);
    private readonly List<string> _files = [];
    private readonly byte[] _text = new byte[Threshold];
    private int _textLength;
    private int _stringStart;
    private bool _inString;
    private bool _escaped;
    private int _hexDigits;
    private int _character;
    private FileStream? _file;
    private bool _broken;
    private long _written;

    private InlineFiles(ResultShelf? shelf) => _shelf = shelf;

    /// <param name="body">The answer's body.</param>
    /// <param name="shelf">Where files go; null where the vendor sends none inline, and a long string is then only a long string.</param>
    /// <param name="cancellationToken">Ends the read; files begun are deleted.</param>
    public static async Task<(byte[] Json, IReadOnlyList<string> Files)> ReadAsync(
        Stream body, ResultShelf? shelf, CancellationToken cancellationToken)
    {
        var reader = new InlineFiles(shelf);
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                reader.Take(buffer.AsSpan(0, read));
            }

            if (reader._inString && reader._file is not null)
            {
                throw new InvalidDataException("The answer ends inside a file.");
            }

            return (reader._json.WrittenSpan.ToArray(), reader._files);
        }
        catch
        {
            if (reader._file is { } open)
            {
                await open.DisposeAsync();
            }

            reader._files.ForEach(File.Delete);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Take(ReadOnlySpan<byte> chunk)
    {
        while (chunk.Length > 0)
        {
            chunk = _inString ? TakeString(chunk) : TakeOther(chunk);
        }
    }

    private ReadOnlySpan<byte> TakeOther(ReadOnlySpan<byte> chunk)
    {
        var quote = chunk.IndexOf((byte)'"');
        var taken = quote < 0 ? chunk.Length : quote + 1;
        Write(chunk[..taken]);
        if (quote >= 0)
        {
            _inString = true;
            _stringStart = _json.WrittenCount;
        }

        return chunk[taken..];
    }

    private ReadOnlySpan<byte> TakeString(ReadOnlySpan<byte> chunk)
    {
        if (_escaped || _hexDigits > 0)
        {
            if (_file is null)
            {
                _escaped = false;
                Write(chunk[..1]);
            }
            else
            {
                DecodeEscaped(chunk[..1]);
            }

            return chunk[1..];
        }

        var end = chunk.IndexOfAny((byte)'"', (byte)'\\');
        var run = end < 0 ? chunk : chunk[..end];
        if (_file is null)
        {
            Write(run);
            if (_shelf is not null && _json.WrittenCount - _stringStart > Threshold)
            {
                BeginFile();
            }
        }
        else
        {
            Decode(run);
        }

        if (end < 0)
        {
            return [];
        }

        if (chunk[end] == (byte)'\\')
        {
            _escaped = true;
            if (_file is null)
            {
                Write("\\"u8);
            }
        }
        else
        {
            EndString();
        }

        return chunk[(end + 1)..];
    }

    private void BeginFile()
    {
        var path = _shelf!.NewPath();
        _files.Add(path);
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        _broken = false;
        _written = 0;
        var text = _json.WrittenSpan[_stringStart..].ToArray();
        Truncate(_stringStart);
        Write(Encoding.ASCII.GetBytes(Mark + (_files.Count - 1).ToString(CultureInfo.InvariantCulture)));

        // data:image/png;base64,…
        var comma = text.AsSpan().StartsWith("data:"u8) ? text.AsSpan().IndexOf((byte)',') + 1 : 0;
        DecodeEscaped(text.AsSpan(comma));
    }

    // Some writers escape a slash as \/, others a plus as \u002B; an escaped line end means nothing.
    private void DecodeEscaped(ReadOnlySpan<byte> text)
    {
        while (text.Length > 0)
        {
            if (_hexDigits > 0)
            {
                _character = (_character * 16) + (HexOf(text[0]));
                if (--_hexDigits == 0 && _character < 128)
                {
                    Decode([(byte)_character]);
                }

                text = text[1..];
            }
            else if (_escaped)
            {
                _escaped = false;
                if (text[0] == (byte)'u')
                {
                    (_hexDigits, _character) = (4, 0);
                }
                else if (text[0] == (byte)'/')
                {
                    Decode(text[..1]);
                }

                text = text[1..];
            }
            else
            {
                var slash = text.IndexOf((byte)'\\');
                Decode(slash < 0 ? text : text[..slash]);
                _escaped = slash >= 0;
                text = slash < 0 ? [] : text[(slash + 1)..];
            }
        }
    }

    private static int HexOf(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => 0,
    };

    private void Decode(ReadOnlySpan<byte> text)
    {
        while (text.Length > 0)
        {
            var taken = Math.Min(text.Length, _text.Length - _textLength);
            text[..taken].CopyTo(_text.AsSpan(_textLength));
            _textLength += taken;
            text = text[taken..];
            if (_textLength == _text.Length)
            {
                Flush(isFinal: false);
            }
        }
    }

    private void Flush(bool isFinal)
    {
        var text = _text.AsSpan(0, _textLength);
        text.Replace((byte)'-', (byte)'+');
        text.Replace((byte)'_', (byte)'/');
        Span<byte> bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(_textLength)];
        var status = Base64.DecodeFromUtf8(text, bytes, out var consumed, out var written, isFinal);
        _broken |= status is OperationStatus.InvalidData;
        _file!.Write(bytes[..written]);
        _written += written;
        if (_written > MaxFile)
        {
            throw new InvalidDataException("A file inside the answer is larger than 1 GiB.");
        }

        var left = status is OperationStatus.InvalidData ? 0 : _textLength - consumed;
        text[consumed..(consumed + left)].CopyTo(_text);
        _textLength = left;
    }

    private void EndString()
    {
        _inString = false;
        if (_file is not null)
        {
            Flush(isFinal: true);
            _file.Dispose();
            _file = null;
            (_textLength, _hexDigits) = (0, 0);
            if (_broken)
            {
                // It was a long text after all; an empty file is no result.
                File.WriteAllBytes(_files[^1], []);
            }
        }

        Write("\""u8);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (_json.WrittenCount + bytes.Length > MaxJson)
        {
            throw new InvalidDataException($"The answer is larger than {MaxJson >> 20} MiB.");
        }

        _json.Write(bytes);
    }

    private void Truncate(int length)
    {
        var kept = _json.WrittenSpan[..length].ToArray();
        _json.ResetWrittenCount();
        _json.Write(kept);
    }
}
