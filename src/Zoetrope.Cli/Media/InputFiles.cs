namespace Zoetrope.Cli.Media;

/// <summary>Turns an input that a user names into what the server accepts: a URL stays, a local file is uploaded.</summary>
internal static class InputFiles
{
    public static bool IsAddress(string text) =>
        text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    public static async Task<string> ResolveAsync(Invocation invocation, string source)
    {
        if (IsAddress(source))
        {
            return source;
        }

        var type = FileType.OfFile(source);
        await using var file = File.OpenRead(source);
        invocation.Terminal.Note($"uploading {source} ({Words.Size(file.Length)})");
        return await invocation.Client.UploadAsync(file, type, invocation.CancellationToken);
    }
}
