using System.Text;

namespace Zoetrope.Server.Doors.Shared.Web;

/// <summary>Files of the repository that the build put into this assembly, under the path that they have there.</summary>
internal static class Embedded
{
    public static IEnumerable<string> Names => typeof(Embedded).Assembly.GetManifestResourceNames();

    public static byte[] Bytes(string name)
    {
        using var stream = typeof(Embedded).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The build has embedded no {name}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static string Text(string name) => Encoding.UTF8.GetString(Bytes(name)).ReplaceLineEndings("\n");
}
