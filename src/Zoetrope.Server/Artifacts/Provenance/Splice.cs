using System.Buffers;

namespace Zoetrope.Server.Artifacts.Provenance;

/// <summary>One change of a file: at an offset, some bytes leave and others take their place.</summary>
internal readonly record struct Splice(long At, long Remove, byte[] Insert);

/// <summary>Applies splices to a file of ours, in place where nothing moves, otherwise by streaming into a new file.</summary>
internal static class Splicer
{
    public static async Task ApplyAsync(string path, IReadOnlyList<Splice> splices, CancellationToken cancellationToken)
    {
        var ordered = splices.OrderBy(splice => splice.At).ToList();
        var length = new FileInfo(path).Length;
        if (ordered.All(splice => splice.Remove == splice.Insert.Length || (splice.At == length && splice.Remove == 0)))
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
            foreach (var splice in ordered)
            {
                file.Position = splice.At;
                await file.WriteAsync(splice.Insert, cancellationToken);
            }

            return;
        }

        var next = path + ".spliced";
        await using (var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, 0, FileOptions.Asynchronous))
        await using (var target = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
        {
            foreach (var splice in ordered)
            {
                await CopyAsync(source, target, splice.At - source.Position, cancellationToken);
                await target.WriteAsync(splice.Insert, cancellationToken);
                source.Position += splice.Remove;
            }

            await CopyAsync(source, target, length - source.Position, cancellationToken);
        }

        File.Move(next, path, overwrite: true);
    }

    private static async Task CopyAsync(Stream source, Stream target, long count, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            while (count > 0)
            {
                var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), cancellationToken);
                if (read == 0)
                {
                    throw new EndOfStreamException("The file shrank while it was being rewritten.");
                }

                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                count -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
