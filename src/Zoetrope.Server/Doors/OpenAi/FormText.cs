using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>
/// The beginning of a form's part that has no file name: all of it if it is a field. Kept in pieces of the pool, so that forms
/// that are refused leave no large arrays behind.
/// </summary>
internal sealed class FormText(int max) : IDisposable
{
    private const int PieceBytes = 16 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Pipe _pipe = new();

    public ReadOnlySequence<byte> Bytes { get; private set; }

    public int Length => (int)Bytes.Length;

    /// <summary>Whether the part goes on behind what was read.</summary>
    public bool IsCut => Bytes.Length > max;

    /// <summary>Answers the part as text; null if it is no text or goes on.</summary>
    public async Task<string?> ReadAsync(Stream part, CancellationToken cancellationToken)
    {
        var writer = _pipe.Writer;
        while (writer.UnflushedBytes <= max && await part.ReadAsync(writer.GetMemory(PieceBytes), cancellationToken) is var read and > 0)
        {
            writer.Advance(read);
        }

        await writer.CompleteAsync();
        _pipe.Reader.TryRead(out var result);
        Bytes = result.Buffer;
        return !IsCut && IsText() ? Encoding.UTF8.GetString(Bytes) : null;
    }

    /// <summary>Whether the bytes are UTF-8; a last character may be cut where the part is.</summary>
    public bool IsText()
    {
        var decoder = Strict.GetDecoder();
        var characters = ArrayPool<char>.Shared.Rent(PieceBytes);
        try
        {
            foreach (var piece in Bytes)
            {
                for (var bytes = piece.Span; bytes.Length > 0;)
                {
                    decoder.Convert(bytes, characters, flush: false, out var used, out _, out _);
                    bytes = bytes[used..];
                }
            }

            if (!IsCut)
            {
                decoder.GetChars([], characters, flush: true);
            }

            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    public void Dispose()
    {
        _pipe.Writer.Complete();
        _pipe.Reader.Complete();
    }
}
