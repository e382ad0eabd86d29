using System.Buffers.Binary;

namespace Zoetrope.Server.Artifacts.Media.Structure;

/// <summary>The tables that say where the samples of a track are and how long each lasts.</summary>
internal sealed class Mp4Samples
{
    private readonly uint[] _sizes;
    private readonly long[] _chunks;
    private readonly (uint First, uint Samples)[] _runs;

    private Mp4Samples(uint[] sizes, long[] chunks, (uint First, uint Samples)[] runs, ulong duration) =>
        (_sizes, _chunks, _runs, Duration) = (sizes, chunks, runs, duration);

    public int Count => _sizes.Length;

    /// <summary>In the track's own units.</summary>
    public ulong Duration { get; }

    /// <summary>Null where the tables do not agree, or are longer than is read here.</summary>
    public static Mp4Samples? Read(HeaderReader reader, IsoBox tables, int most)
    {
        if (Sizes(reader, tables, most) is not { Length: > 0 } sizes || Chunks(reader, tables, most) is not { Length: > 0 } chunks
            || Runs(reader, tables, chunks.Length) is not { } runs
            || Table(reader, tables, "stts", 8, most) is not { } times)
        {
            return null;
        }

        ulong duration = 0, timed = 0;
        for (var at = 0; at < times.Length; at += 8)
        {
            var (count, each) = (U32(times, at), U32(times, at + 4));
            timed += count;
            duration += (ulong)count * each;
            if (each == 0 && count > 1)
            {
                return null;
            }
        }

        ulong placed = 0;
        for (var i = 0; i < runs.Length; i++)
        {
            var next = i + 1 < runs.Length ? runs[i + 1].First : (uint)chunks.Length + 1;
            placed += (ulong)(next - runs[i].First) * runs[i].Samples;
        }

        return timed == (ulong)sizes.Length && placed == (ulong)sizes.Length ? new Mp4Samples(sizes, chunks, runs, duration) : null;
    }

    /// <summary>Each sample in the order in which it is decoded.</summary>
    public IEnumerable<(long At, uint Size)> Places()
    {
        var (sample, run) = (0, 0);
        for (var chunk = 0; chunk < _chunks.Length; chunk++)
        {
            run += run + 1 < _runs.Length && _runs[run + 1].First == chunk + 1 ? 1 : 0;
            var at = _chunks[chunk];
            for (var i = 0; i < _runs[run].Samples; i++)
            {
                yield return (at, _sizes[sample]);
                at += _sizes[sample++];
            }
        }
    }

    private static uint[]? Sizes(HeaderReader reader, IsoBox tables, int most)
    {
        if (Mp4Track.Find(reader, tables, "stsz") is not { } box || !reader.U32(box.Body + 4, out var same)
            || !reader.U32(box.Body + 8, out var count) || count > most)
        {
            return null;
        }

        var sizes = new uint[count];
        if (same != 0)
        {
            Array.Fill(sizes, same);
            return sizes;
        }

        var bytes = reader.ReadUpTo(box.Body + 12, (int)count * 4);
        if (bytes.Length != count * 4 || box.Body + 12 + bytes.Length > box.End)
        {
            return null;
        }

        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = U32(bytes, i * 4);
        }

        return sizes;
    }

    private static long[]? Chunks(HeaderReader reader, IsoBox tables, int most)
    {
        var (near, far) = (Table(reader, tables, "stco", 4, most), Table(reader, tables, "co64", 8, most));
        return (near, far) switch
        {
            ({ }, null) => [.. Enumerable.Range(0, near.Length / 4).Select(i => (long)U32(near, i * 4))],
            (null, { }) => [.. Enumerable.Range(0, far.Length / 8).Select(
                i => BinaryPrimitives.ReadInt64BigEndian(far.AsSpan(i * 8)))],
            _ => null,
        };
    }

    private static (uint First, uint Samples)[]? Runs(HeaderReader reader, IsoBox tables, int chunks)
    {
        if (Table(reader, tables, "stsc", 12, chunks) is not { Length: > 0 } bytes)
        {
            return null;
        }

        var runs = new (uint First, uint Samples)[bytes.Length / 12];
        for (var i = 0; i < runs.Length; i++)
        {
            runs[i] = (U32(bytes, i * 12), U32(bytes, (i * 12) + 4));
            if ((i == 0 && runs[i].First != 1) || (i > 0 && runs[i].First <= runs[i - 1].First) || runs[i].First > chunks
                || runs[i].Samples == 0 || U32(bytes, (i * 12) + 8) != 1)
            {
                return null;
            }
        }

        return runs;
    }

    // The entries of a box that counts them; null where there is none, or it holds less than it says.
    private static byte[]? Table(HeaderReader reader, IsoBox tables, string type, int size, int most)
    {
        if (Mp4Track.Find(reader, tables, type) is not { } box || !reader.U32(box.Body + 4, out var count) || count > most)
        {
            return null;
        }

        var bytes = reader.ReadUpTo(box.Body + 8, (int)count * size);
        return bytes.Length == count * size && box.Body + 8 + bytes.Length <= box.End ? bytes : null;
    }

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
}
