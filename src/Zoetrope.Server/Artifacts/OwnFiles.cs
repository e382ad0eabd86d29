using Microsoft.AspNetCore.WebUtilities;

namespace Zoetrope.Server.Artifacts;

/// <summary>Recognises our own file URLs, so that an account's files are read from the store and not over the network.</summary>
internal sealed class OwnFiles(Uploads uploads, ArtifactRecords records, SignedUrls urls, ArtifactOptions options)
{
    private readonly string _prefix = options.PublicUrl.AbsoluteUri.TrimEnd('/') + "/files/";

    public bool IsOwn(string url) => url.StartsWith(_prefix, StringComparison.Ordinal);

    /// <summary>The account's file behind an upload's public URL or a result's signed URL; null when it is none of its files.</summary>
    public async Task<Artifact?> FindAsync(string accountId, string url)
    {
        var rest = url[_prefix.Length..];
        if (!rest.Contains('/'))
        {
            return await uploads.FindOwnAsync(accountId, rest);
        }

        var question = rest.IndexOf('?');
        var parts = (question < 0 ? rest : rest[..question]).Split('/');
        var query = QueryHelpers.ParseQuery(question < 0 ? "" : rest[question..]);
        return parts.Length == 2
            && query.TryGetValue("exp", out var expiry) && query.TryGetValue("sig", out var signature)
            && urls.VerifyArtifact(parts[0], parts[1], expiry, signature, query.TryGetValue("dl", out var attachment) && attachment == "1")
                ? await records.FindAsync(accountId, parts[0])
                : null;
    }
}
