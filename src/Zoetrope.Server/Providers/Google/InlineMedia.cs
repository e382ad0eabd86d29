using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Google;

/// <summary>Result files that Google's answers contain as base64.</summary>
internal static class InlineMedia
{
    /// <summary>The file as it lies on the disk; a short one, which the reader left in the text, is written there.</summary>
    public static string PathOf(VendorAnswer answer, string text, ResultShelf shelf)
    {
        if (shelf.Receive(answer, text) is { } received)
        {
            return received;
        }

        // What is no base64 is no file; an empty one is refused where results are checked.
        var path = shelf.NewPath();
        File.WriteAllBytes(path, []);
        return path;
    }

    /// <summary>Deletes what came inside the answer beside the result, which was moved away: drafts.</summary>
    public static void DeleteDrafts(VendorAnswer answer)
    {
        foreach (var file in answer.Files)
        {
            File.Delete(file);
        }
    }
}
