using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Web;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>
/// <c>/s/{id}</c>: a result that its owner shows to whoever has the link, with or without its words, and nothing else of the account.
/// The files lie under the link, so they end with it.
/// </summary>
internal sealed class SharePages(Shares shares, ArtifactRecords records, Posters posters, StoredFiles store, PageAddress address)
{
    private const int LongestTitle = 70;
    private const int LongestAlt = 120;
    private const string Public = "whoever has the link may see what its owner shows there";

    public static void Map(IEndpointRouteBuilder routes)
    {
        const string one = "/" + Shares.Path + "{id}";
        var pages = routes.MapGroup("").AllowAnonymousCaller(Public).ExcludeFromDescription();
        pages.MapGet(one, static (HttpContext context, SharePages shared, string id) => shared.ShowAsync(context, id));
        pages.MapMethods(one + "/{number}", ["GET", "HEAD"], static (HttpContext context, SharePages shared, string id, string number) =>
            shared.FileAsync(context, id, number, poster: false));
        pages.MapMethods(one + "/{number}/poster", ["GET", "HEAD"], static (HttpContext context, SharePages shared, string id, string number) =>
            shared.FileAsync(context, id, number, poster: true));
    }

    private async Task<Answer> ShowAsync(HttpContext context, string id)
    {
        if (await shares.FindAsync(id) is not { Share: { } share } task
            || GenerationJson.Results(task) is not { Count: > 0 } results
            || await records.FindAsync(task.AccountId, results[0].ArtifactId) is null)
        {
            return PageFrame.Missing("There is nothing here", $"The link has ended, or never was.").Answer(StatusCodes.Status404NotFound);
        }

        var isVideo = task.Media is MediaType.Video;
        var words = share.Words && task.Prompt.Length > 0 ? task.Prompt : null;
        var title = words is null ? $"{(isVideo ? "A video" : "A picture")} made with AI" : ShortText.Of(words, LongestTitle);
        var root = $"/{Shares.Path}{id}";
        var alt = words is null ? title : ShortText.Of(words, LongestAlt);
        Html said = words is null ? Html.Nothing : $"<p>{words}</p>";
        Html article =
            $"""
            <article class="full share">
            {results.Select((result, number) => Figure(isVideo, $"{root}/{number}", result, alt))}
            {said}
            <p><small>{(isVideo ? "Video" : "Picture")} made with AI.{(task.Provider == Providers.ProviderRegistry.Sandbox
                ? " It comes from the sandbox: a test picture and no model's work."
                : "")}</small></p>
            </article>
            """;
        return PageFrame.Shared(title, Card(address.Of(context.Request) + root, title, isVideo, results[0]), article).Answer();
    }

    private async Task<Answer> FileAsync(HttpContext context, string id, string number, bool poster)
    {
        if (number.Length != 1 || !char.IsAsciiDigit(number[0])
            || await shares.FindAsync(id) is not { } task
            || GenerationJson.Results(task).ElementAtOrDefault(number[0] - '0') is not { } result
            || (poster ? result.PosterId : result.ArtifactId) is not { } artifactId
            || await posters.DrawnAsync(await records.FindAsync(task.AccountId, artifactId), context.RequestAborted) is not { } file)
        {
            return MediaResponse.Gone;
        }

        context.Response.Headers["X-Robots-Tag"] = "noindex";
        return Answer.Unless(await MediaResponse.WriteAsync(
            context, store, file, $"{(poster ? "poster" : "result")}.{file.Probe.Extension}", keep: TimeSpan.Zero));
    }

    private static Html Figure(bool isVideo, string url, GenerationResult result, string alt)
    {
        if (!isVideo)
        {
            return $"""<img src="{url}" alt="{alt}">""";
        }

        Html poster = result.PosterId is null ? Html.Nothing : $""" poster="{url}/poster" """;
        return $"""<video controls preload="metadata" src="{url}"{poster} aria-label="{alt}"></video>""";
    }

    // What a chat shows of the link. A video shows its poster.
    private static Html Card(string url, string title, bool isVideo, GenerationResult result)
    {
        var picture = isVideo ? (result.PosterId is null ? null : $"{url}/0/poster") : $"{url}/0";
        Html image = picture is null ? Html.Nothing : $"""<meta property="og:image" content="{picture}">""";
        Html video = isVideo ? $"""<meta property="og:video" content="{url}/0">""" : Html.Nothing;
        return
            $"""
            <meta property="og:type" content="{(isVideo ? "video.other" : "website")}">
            <meta property="og:title" content="{title}">
            <meta property="og:url" content="{url}">
            {image}
            {video}
            <meta name="twitter:card" content="summary_large_image">
            """;
    }
}
