using Microsoft.AspNetCore.WebUtilities;

namespace Zoetrope.Server.Artifacts;

/// <summary>Recognises our own file URLs, so that an account's files are read from the store and not over the network.</summary>
internal sealed class OwnFiles(
    Uploads uploads, ArtifactRecords records, Posters posters, SignedUrls urls, ArtifactOptions options)
{
    private const string Files = "files/";

    public bool IsOwn(string url) => StartOf(url) > 0;

    /// <summary>The account's file behind an upload's public URL or a result's signed URL; null when it is none of its files, or why it cannot be used.</summary>
    public async Task<Outcome<Artifact?>> FindAsync(string accountId, string url, CancellationToken cancellationToken)
    {
        var rest = url[StartOf(url)..];
        if (!rest.Contains('/'))
        {
            return await uploads.FindOwnAsync(accountId, rest, cancellationToken);
        }

        var question = rest.IndexOf('?');
        var parts = (question < 0 ? rest : rest[..question]).Split('/');
        var query = QueryHelpers.ParseQuery(question < 0 ? "" : rest[question..]);
        return parts.Length == 2
            && query.TryGetValue("exp", out var expiry) && query.TryGetValue("sig", out var signature)
            && urls.VerifyArtifact(parts[0], parts[1], expiry, signature, query.TryGetValue("dl", out var attachment) && attachment == "1")
                ? await posters.DrawnAsync(await records.FindAsync(accountId, parts[0]), cancellationToken)
                : default(Artifact);
    }

    // Behind a proxy the client knows us by another address than we ourselves.
    private int StartOf(string url)
    {
        foreach (var address in (ReadOnlySpan<Uri>)[options.PublicUrl, options.OwnUrl])
        {
            if (url.StartsWith(address.AbsoluteUri, StringComparison.Ordinal)
                && url.AsSpan(address.AbsoluteUri.Length).StartsWith(Files, StringComparison.Ordinal))
            {
                return address.AbsoluteUri.Length + Files.Length;
            }
        }

        return 0;
    }
}
