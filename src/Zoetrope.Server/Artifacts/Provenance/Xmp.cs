using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Zoetrope.Server.Artifacts.Provenance;

/// <summary>
/// The XMP packet that says how a file was made, in the IPTC vocabulary that platforms read
/// (https://cv.iptc.org/newscodes/digitalsourcetype/).
/// </summary>
internal static class Xmp
{
    public const int MaxBytes = 1024 * 1024;

    private const string Trained = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
    private const string Drawn = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia";

    private static readonly XNamespace Meta = "adobe:ns:meta/";
    private static readonly XNamespace Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    private static readonly XNamespace Iptc = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
    private static readonly XNamespace Basic = "http://ns.adobe.com/xap/1.0/";

    /// <summary>A packet for a file that has none, or the existing one with what it lacks added.</summary>
    /// <returns>null when nothing is to be written: the file is labelled already, or its packet cannot be read and stays as
    /// it is.</returns>
    public static byte[]? Packet(ReadOnlySpan<byte> existing, bool isSandbox)
    {
        if (existing.IsEmpty)
        {
            return Wrap(
                new XElement(
                    Meta + "xmpmeta",
                    Namespace("x", Meta),
                    new XElement(Rdf + "RDF", Namespace("rdf", Rdf), Description(isSandbox, withTool: true))));
        }

        if (existing.Length > MaxBytes
            || Parse(existing) is not { } root
            || root.DescendantsAndSelf(Rdf + "RDF").FirstOrDefault() is not { } rdf)
        {
            return null;
        }

        if (Has(root, Iptc + "DigitalSourceType"))
        {
            return null;
        }

        rdf.Add(Description(isSandbox, withTool: !Has(root, Basic + "CreatorTool")));
        return Wrap(root);
    }

    /// <summary>Whether the packet names a digital source type, as ours does.</summary>
    public static bool IsLabelled(ReadOnlySpan<byte> packet) =>
        packet.Length <= MaxBytes && Parse(packet) is { } root && Has(root, Iptc + "DigitalSourceType");

    private static XElement Description(bool isSandbox, bool withTool)
    {
        var description = new XElement(
            Rdf + "Description",
            new XAttribute(Rdf + "about", ""),
            Namespace("Iptc4xmpExt", Iptc),
            Namespace("xmp", Basic),
            new XElement(Iptc + "DigitalSourceType", isSandbox ? Drawn : Trained));
        if (withTool)
        {
            description.Add(new XElement(Basic + "CreatorTool", "Zoetrope"));
        }

        if (isSandbox)
        {
            description.Add(new XElement(Basic + "Label", "sandbox"));
        }

        return description;
    }

    private static bool Has(XElement root, XName name) =>
        root.DescendantsAndSelf().Any(element => element.Name == name || element.Attribute(name) is not null);

    private static XAttribute Namespace(string prefix, XNamespace ns) => new(XNamespace.Xmlns + prefix, ns.NamespaceName);

    private static byte[] Wrap(XElement root) => Encoding.UTF8.GetBytes(
        $"<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n{root}\n<?xpacket end=\"w\"?>");

    private static XElement? Parse(ReadOnlySpan<byte> packet)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = 2 * MaxBytes,
        };
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(packet.TrimEnd((byte)0).ToArray()), settings);
            return XDocument.Load(reader).Root;
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
