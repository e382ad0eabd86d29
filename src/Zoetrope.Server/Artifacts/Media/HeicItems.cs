namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// The item tables of a HEIF file (ISO/IEC 23008-12): which items there are, where their bytes lie, what describes them and
/// which pictures are made of which. Reads are bounded by the <see cref="HeaderReader"/>'s budget.
/// </summary>
/// <exception cref="InvalidDataException">The tables are cut short or absurd.</exception>
internal sealed class HeicItems
{
    private const int MaxItems = 2048;

    private readonly HeaderReader _reader;
    private readonly Dictionary<uint, string> _types = [];
    private readonly Dictionary<uint, List<(long Offset, long Length)>> _extents = [];
    private readonly Dictionary<uint, List<int>> _properties = [];
    private readonly Dictionary<uint, List<uint>> _parts = [];
    private readonly List<IsoBox> _container = [];
    private long _inside;

    public HeicItems(HeaderReader reader)
    {
        _reader = reader;
        var meta = IsoMedia.TopLevel(reader).FirstOrDefault(box => box.Type == "meta");
        var boxes = meta.Type is null ? [] : IsoMedia.Boxes(reader, meta.Body + 4, meta.End).ToList();
        _inside = boxes.FirstOrDefault(box => box.Type == "idat").Body;
        foreach (var box in boxes)
        {
            Read(box);
        }
    }

    public uint Primary { get; private set; }

    public string? TypeOf(uint item) => _types.GetValueOrDefault(item);

    public IReadOnlyList<(long Offset, long Length)> ExtentsOf(uint item) => _extents.GetValueOrDefault(item) ?? [];

    /// <summary>The items that a derived picture is made of, in order.</summary>
    public IReadOnlyList<uint> PartsOf(uint item) => _parts.GetValueOrDefault(item) ?? [];

    /// <summary>The properties of an item in the order in which they apply.</summary>
    public IEnumerable<IsoBox> PropertiesOf(uint item) =>
        (_properties.GetValueOrDefault(item) ?? []).Where(index => index >= 1 && index <= _container.Count).Select(index => _container[index - 1]);

    public Cursor At(long offset) => new(_reader, offset);

    private void Read(IsoBox box)
    {
        var cursor = At(box.Body);
        switch (box.Type)
        {
            case "pitm":
                Primary = cursor.Take(cursor.Version() == 0 ? 2 : 4);
                break;
            case "iinf":
                foreach (var entry in IsoMedia.Boxes(_reader, box.Body + (cursor.Version() == 0 ? 6 : 8), box.End).Where(entry => entry.Type == "infe").Take(MaxItems))
                {
                    var info = At(entry.Body);
                    var id = info.Take(info.Version() == 2 ? 2 : 4);
                    info.Skip(2);
                    _types[id] = info.FourCc();
                }

                break;
            case "iref":
                var width = cursor.Version() == 0 ? 2 : 4;
                foreach (var reference in IsoMedia.Boxes(_reader, box.Body + 4, box.End).Where(reference => reference.Type == "dimg").Take(MaxItems))
                {
                    var parts = At(reference.Body);
                    var whole = parts.Take(width);
                    _parts[whole] = [.. Times(parts.Take(2), () => parts.Take(width))];
                }

                break;
            case "iloc":
                Locations(cursor);
                break;
            case "iprp":
                _container.AddRange(IsoMedia.Boxes(_reader, box.Body, box.End).Where(child => child.Type == "ipco").SelectMany(child => IsoMedia.Boxes(_reader, child.Body, child.End)));
                foreach (var association in IsoMedia.Boxes(_reader, box.Body, box.End).Where(child => child.Type == "ipma"))
                {
                    Associations(At(association.Body));
                }

                break;
        }
    }

    private void Locations(Cursor cursor)
    {
        var version = cursor.Version();
        var sizes = cursor.Take(2);
        var (offset, length, start, index) = ((int)(sizes >> 12), (int)((sizes >> 8) & 15), (int)((sizes >> 4) & 15), version == 0 ? 0 : (int)(sizes & 15));
        var count = Counted(cursor.Take(version < 2 ? 2 : 4));
        for (var i = 0; i < count; i++)
        {
            var id = cursor.Take(version < 2 ? 2 : 4);
            var method = version == 0 ? 0 : cursor.Take(2) & 15;
            cursor.Skip(2);
            var from = cursor.Long(start) + (method == 1 ? _inside : 0);
            _extents[id] = [.. Times(cursor.Take(2), () =>
            {
                cursor.Skip(index);
                return (from + cursor.Long(offset), cursor.Long(length));
            })];
        }
    }

    private void Associations(Cursor cursor)
    {
        var (version, wide) = (cursor.Version(), cursor.Flags % 2 == 1);
        var count = Counted(cursor.Take(4));
        for (var i = 0; i < count; i++)
        {
            // The top bit says whether the property is essential.
            var id = cursor.Take(version < 1 ? 2 : 4);
            _properties[id] = [.. Times(cursor.Take(1), () => (int)(cursor.Take(wide ? 2 : 1) & (wide ? 0x7fffu : 0x7fu)))];
        }
    }

    private static IEnumerable<T> Times<T>(uint count, Func<T> next) => Enumerable.Range(0, Counted(count)).Select(_ => next());

    private static int Counted(uint count) => count <= MaxItems ? (int)count : throw new InvalidDataException("it lists too many items");

    /// <summary>Reads one number after another.</summary>
    internal sealed class Cursor(HeaderReader reader, long at)
    {
        public uint Flags { get; private set; }

        /// <summary>The version of a full box, behind which its flags stand.</summary>
        public int Version()
        {
            var head = Take(4);
            Flags = head & 0xffffff;
            return (int)(head >> 24);
        }

        public uint Take(int bytes) => checked((uint)Long(bytes));

        public long Long(int bytes)
        {
            long value = 0;
            foreach (var part in Bytes(bytes))
            {
                value = (value << 8) | part;
            }

            return value >= 0 ? value : throw new InvalidDataException("a number is out of range");
        }

        public byte[] Bytes(int count)
        {
            var read = count == 0 ? [] : reader.ReadUpTo(at, count);
            at += count;
            return read.Length == count ? read : throw new InvalidDataException("it is cut short");
        }

        public void Skip(int bytes) => at += bytes;

        public string FourCc() => System.Text.Encoding.Latin1.GetString(Bytes(4));
    }
}
