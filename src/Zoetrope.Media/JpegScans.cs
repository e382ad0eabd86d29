namespace Zoetrope.Media;

/// <summary>
/// Counts the scans of a JPEG. Each scan of a progressive one goes over the whole picture again, and an empty scan has a few bytes:
/// a small file could cost minutes.
/// </summary>
internal sealed class JpegScans(Stream stream)
{
    /// <summary>Encoders write about ten.</summary>
    public const int Most = 100;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _at;
    private int _length;

    /// <exception cref="UnusablePictureException">There are too many.</exception>
    public static void Check(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0);
        if (new JpegScans(file).Count() > Most)
        {
            throw new UnusablePictureException($"is a progressive JPEG of more than {Most} scans. Save it as an ordinary JPEG");
        }
    }

    /// <summary>The number of scans, or one more than are allowed; 0 for another kind of file.</summary>
    public int Count()
    {
        var scans = 0;
        if (Next() != 0xff || Next() != 0xd8)
        {
            return scans;
        }

        while (scans <= Most && SkipToMarker() is var marker and > 0 and not 0xd9)
        {
            // Markers without a length stand alone: stuffed bytes, restarts, a second start.
            if (marker is 0x01 or (>= 0xd0 and <= 0xd8))
            {
                continue;
            }

            if ((Next(), Next()) is not (>= 0 and var high, >= 0 and var low))
            {
                break;
            }

            scans += marker is 0xda ? 1 : 0;
            Skip(((high << 8) | low) - 2);
        }

        return scans;
    }

    // The byte after a run of FF that is no stuffing; -1 at the end.
    private int SkipToMarker()
    {
        while (true)
        {
            var found = _buffer.AsSpan(_at, _length - _at).IndexOf((byte)0xff);
            if (found < 0)
            {
                _at = _length;
                if (!Fill())
                {
                    return -1;
                }

                continue;
            }

            _at += found + 1;
            int next;
            while ((next = Next()) == 0xff)
            {
            }

            if (next != 0)
            {
                return next;
            }
        }
    }

    private int Next() => _at < _length || Fill() ? _buffer[_at++] : -1;


    private void Skip(int count)
    {
        var here = Math.Clamp(count, 0, _length - _at);
        _at += here;
        stream.Position += Math.Max(0, count - here);
    }

    private bool Fill()
    {
        _at = 0;
        _length = stream.Read(_buffer);
        return _length > 0;
    }
}
