using System.Buffers.Binary;
using System.Globalization;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// Decodes HEIC, the photos of phones. Neither libvips nor the ffmpeg of current distributions reads the container, but any
/// ffmpeg reads the HEVC inside: the tiles are written one after another as a plain stream, and ffmpeg puts them together
/// under the limits of every media process.
/// </summary>
internal sealed class HeicDecoder(MediaProcess process)
{
    private const long MaxStreamBytes = 64 << 20;
    private const int MaxNalBytes = 32 << 20;
    private static readonly byte[] StartCode = [0, 0, 0, 1];

    /// <summary>Leaves a JPEG of the best quality, upright and with the picture's colour profile, at the path; returns what is wrong with the file otherwise.</summary>
    public async Task<string?> DecodeAsync(string path, string to, long maxPixels, CancellationToken cancellationToken)
    {
        var stream = to + ".hevc";
        var plain = to + ".plain";
        try
        {
            byte[]? profile;
            string filter;
            try
            {
                (filter, profile) = Unpack(path, stream, maxPixels);
            }
            catch (Exception exception) when (exception is InvalidDataException or OverflowException)
            {
                return exception.Message;
            }

            var drawn = await process.FfmpegAsync(
                [
                    "-v", "error", "-nostdin", "-xerror", "-threads", "1", "-max_pixels", maxPixels.ToString(CultureInfo.InvariantCulture),
                    .. MediaProcess.Input(stream, "video/hevc"),
                    "-map", "0:v:0", "-vf", filter, "-frames:v", "1", "-c:v", "mjpeg", "-qmin", "1", "-q:v", "1", "-f", "image2", "-update", "1", "-y", "file:" + plain,
                ],
                cancellationToken);
            if (!drawn.Succeeded || !File.Exists(plain))
            {
                return "its HEVC picture cannot be decoded";
            }

            await WithProfileAsync(plain, profile, to, cancellationToken);
            return null;
        }
        finally
        {
            File.Delete(stream);
            File.Delete(plain);
        }
    }

    private static (string Filter, byte[]? Profile) Unpack(string path, string to, long maxPixels)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 * 1024);
        var items = new HeicItems(new HeaderReader(file));
        var (tiles, columns, rows, grid) = Layout(items);
        var first = items.PropertiesOf(tiles[0]).ToList();
        var own = items.PropertiesOf(items.Primary).ToList();
        if (Size(items, first) is var (width, height) && (long)width * height * tiles.Count > maxPixels * 3 / 2)
        {
            throw new InvalidDataException("its tiles have too many pixels");
        }

        using (var stream = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 64 * 1024))
        {
            foreach (var tile in tiles)
            {
                Write(items, tile, file, stream);
            }
        }

        var steps = new List<string>();
        var colour = own.Concat(first).Where(box => box.Type == "colr").ToList();
        steps.AddRange(colour.Select(box => Coded(items, box)).OfType<string>().Take(1));
        if (tiles.Count > 1)
        {
            steps.Add($"tile={columns}x{rows}");
        }

        // A JPEG is of full range in the matrix of BT.601; whole chroma also lets odd sizes be cut exactly.
        steps.Add("scale=out_color_matrix=smpte170m:out_range=pc:flags=bicubic+accurate_rnd+full_chroma_int,format=yuvj444p");
        var size = grid ?? Size(items, own) ?? throw new InvalidDataException("its size is missing");
        steps.Add($"crop={size.Width}:{size.Height}:0:0");
        steps.AddRange(own.SelectMany(box => Turned(items, box)));
        return (string.Join(',', steps), colour.Select(box => Profile(items, box)).FirstOrDefault(icc => icc is not null));
    }

    private static (IReadOnlyList<uint> Tiles, uint Columns, uint Rows, (uint Width, uint Height)? Size) Layout(HeicItems items)
    {
        var type = items.TypeOf(items.Primary);
        if (type is "hvc1")
        {
            return ([items.Primary], 1, 1, null);
        }

        if (type is not "grid" || items.ExtentsOf(items.Primary) is not [var (offset, _), ..])
        {
            throw new InvalidDataException($"its picture is of an unknown kind");
        }

        var cursor = items.At(offset + 1);
        var wide = cursor.Take(1) % 2 == 1 ? 4 : 2;
        var (rows, columns) = (cursor.Take(1) + 1, cursor.Take(1) + 1);
        var size = (cursor.Take(wide), cursor.Take(wide));
        var tiles = items.PartsOf(items.Primary);
        return tiles.Count == rows * columns && tiles.All(tile => items.TypeOf(tile) is "hvc1")
            ? (tiles, columns, rows, size)
            : throw new InvalidDataException("its tiles do not make a grid");
    }

    private static (uint Width, uint Height)? Size(HeicItems items, IReadOnlyList<IsoBox> properties)
    {
        if (properties.FirstOrDefault(box => box.Type == "ispe") is not { Type: not null } extent)
        {
            return null;
        }

        var cursor = items.At(extent.Body + 4);
        return (cursor.Take(4), cursor.Take(4));
    }

    // The samples carry lengths where a plain stream has start codes, and keep their parameter sets apart.
    private static void Write(HeicItems items, uint tile, FileStream from, FileStream to)
    {
        if (items.PropertiesOf(tile).FirstOrDefault(box => box.Type == "hvcC") is not { Type: not null } configuration)
        {
            throw new InvalidDataException("a tile has no decoder configuration");
        }

        var cursor = items.At(configuration.Body + 21);
        var prefix = (int)(cursor.Take(1) & 3) + 1;
        var arrays = cursor.Take(1);
        for (var array = 0; array < arrays; array++)
        {
            cursor.Skip(1);
            var units = cursor.Take(2);
            for (var unit = 0; unit < units; unit++)
            {
                Append(to, cursor.Bytes((int)cursor.Take(2)));
            }
        }

        foreach (var (offset, length) in items.ExtentsOf(tile))
        {
            for (var at = offset; at + prefix <= offset + length;)
            {
                var head = items.At(at);
                var size = head.Long(prefix);
                if (size > MaxNalBytes || at + prefix + size > from.Length)
                {
                    throw new InvalidDataException("it is cut short");
                }

                Append(to, head.Bytes((int)size));
                at += prefix + size;
            }
        }
    }

    private static void Append(FileStream to, byte[] unit)
    {
        to.Write(StartCode);
        to.Write(unit);
        if (to.Length > MaxStreamBytes)
        {
            throw new InvalidDataException("its tiles are too large");
        }
    }

    /// <summary>The container's word on range and matrix wins over the stream's.</summary>
    private static string? Coded(HeicItems items, IsoBox colour)
    {
        var cursor = items.At(colour.Body);
        if (cursor.FourCc() != "nclx")
        {
            return null;
        }

        cursor.Skip(4);
        var matrix = cursor.Take(2) switch { 1 => ":colorspace=bt709", 5 => ":colorspace=bt470bg", 6 => ":colorspace=smpte170m", 9 => ":colorspace=bt2020nc", _ => "" };
        return $"setparams=range={(cursor.Take(1) >= 0x80 ? "pc" : "tv")}{matrix}";
    }

    private static byte[]? Profile(HeicItems items, IsoBox colour)
    {
        var cursor = items.At(colour.Body);
        var length = colour.End - colour.Body - 4;

        // One JPEG segment holds that much; profiles of cameras have a few hundred bytes.
        return cursor.FourCc() is "prof" or "rICC" && length is > 128 and < 65_000 ? cursor.Bytes((int)length) : null;
    }

    private static IEnumerable<string> Turned(HeicItems items, IsoBox property)
    {
        var cursor = items.At(property.Body);
        switch (property.Type)
        {
            case "irot":
                // Counted against the clock in quarter turns.
                return (cursor.Take(1) & 3) switch { 1 => ["transpose=cclock"], 2 => ["hflip", "vflip"], 3 => ["transpose=clock"], _ => [] };
            case "imir":
                return [(cursor.Take(1) & 1) == 0 ? "vflip" : "hflip"];
            case "clap":
                var (width, height) = (Rounded(cursor), Rounded(cursor));
                var (right, down) = (Offset(cursor), Offset(cursor));
                return [string.Create(CultureInfo.InvariantCulture, $"crop={width}:{height}:(iw-{width})/2+({right}):(ih-{height})/2+({down})")];
            default:
                return [];
        }
    }

    private static long Rounded(HeicItems.Cursor cursor) => cursor.Take(4) / Math.Max(1, cursor.Take(4));

    private static int Offset(HeicItems.Cursor cursor) => unchecked((int)cursor.Take(4)) / (int)Math.Clamp(cursor.Take(4), 1, int.MaxValue);

    private static async Task WithProfileAsync(string plain, byte[]? profile, string to, CancellationToken cancellationToken)
    {
        if (profile is null)
        {
            File.Move(plain, to);
            return;
        }

        await using var from = File.OpenRead(plain);
        await using var file = new FileStream(to, FileMode.CreateNew);
        byte[] head = [0xff, 0xd8, 0xff, 0xe2, 0, 0, .. "ICC_PROFILE\0"u8, 1, 1];
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(4), (ushort)(head.Length - 4 + profile.Length));
        await file.WriteAsync(head, cancellationToken);
        await file.WriteAsync(profile, cancellationToken);
        from.Position = 2;
        await from.CopyToAsync(file, cancellationToken);
    }
}
