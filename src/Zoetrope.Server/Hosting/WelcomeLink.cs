using Zoetrope.Server.Artifacts;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting;

/// <summary>The link with which somebody becomes the operator, as a start and a command print it.</summary>
internal static class WelcomeLink
{
    /// <summary>One for this start, as long as nobody is the operator; null afterwards.</summary>
    public static async Task<string?> EnsureAsync(IServiceProvider services)
    {
        var (database, links) = (services.GetRequiredService<Database>(), services.GetRequiredService<WelcomeLinks>());
        if (!services.GetRequiredService<NodeDuties>().Answers
            || await database.ReadAsync(async session => await PersonStore.AnyOperatorAsync(session)))
        {
            return null;
        }

        var token = await database.InTransactionAsync(links.MakeAsync);
        return Text(services.GetRequiredService<ArtifactOptions>().PublicUrl.AbsoluteUri, token);
    }

    /// <param name="url">The operator's address, or where the server listens.</param>
    /// <param name="token">What lets in.</param>
    public static string Text(string url, string token)
    {
        // Browsers keep passkeys for names, and this machine has one.
        var named = url.TrimEnd('/').Replace("//127.0.0.1", "//localhost", StringComparison.Ordinal)
            .Replace("//[::1]", "//localhost", StringComparison.Ordinal);
        return $"{named}/welcome#{token}";
    }
}
