using System.Globalization;
using System.Text;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.Pages;

/// <summary><c>/models</c>: the catalogue for people and, with <c>.md</c> at the end, for agents. Made from the current snapshot.</summary>
internal sealed class ModelPages(CatalogHolder catalog, Routing routing, PageAddress address)
{
    public const string Root = "/models/";

    private const string Suffix = ".md";
    private const string Description = "Every model of this server, with its parameters, its prices and an example.";

    private static readonly (MediaType Type, string Title)[] Types = [(MediaType.Image, "Images"), (MediaType.Video, "Videos")];

    public Answer Index() => PageFrame.Of(
        "Models · Zoetrope", Description, $"""<article class="full">{MarkdownText.ToHtml(List(""))}</article>""").Answer();

    public Answer Text() => Page.Of(List(Suffix), Page.Markdown).Answer();

    public Answer Show(HttpContext context, string name)
    {
        var isText = name.EndsWith(Suffix, StringComparison.Ordinal);
        var wanted = isText ? name[..^Suffix.Length] : name;
        if (catalog.Current.Find(wanted) is not { } model)
        {
            return Missing(wanted).Answer(StatusCodes.Status404NotFound);
        }

        var text = ModelText.Of(model, routing.IsAvailable(model, KeyMode.Live), address.Of(context.Request));
        return isText
            ? Page.Of(text, Page.Markdown).Answer()
            : PageFrame.Of($"{model.Id} · Zoetrope", model.Description, $"<article>{MarkdownText.ToHtml(text)}</article>").Answer();
    }

    private Page Missing(string wanted)
    {
        var near = catalog.Current.Names.Nearest(wanted, Attached.Nothing);
        return PageFrame.Missing(
            $"There is no model “{ShortText.Of(wanted)}”",
            $"""
            {near.Select(static id => (Html)$"""Did you mean <a href="{Root + id}">{id}</a>? """)}See <a href="/models">all models</a>.
            """);
    }

    private string List(string suffix)
    {
        var text = new StringBuilder(16 * 1024);
        text.Append(
            """
            # Models

            A test key makes all of them in the sandbox. With a live key a model works where *Live* says yes.
            Prices are the lowest and that of a request that sets nothing; the page of a model has all of them.

            """);
        foreach (var (type, title) in Types)
        {
            var models = catalog.Current.Models
                .Where(model => model.MediaType == type && model.Lifecycle.Status != LifecycleStatus.Retired).ToList();
            if (models.Count == 0)
            {
                continue;
            }

            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| Model | Vendor | Makes | Credits | Takes | Live |\n|---|---|---|---|---|---|\n");
            foreach (var model in models)
            {
                var (from, example) = (ModelPrice.From(model), ModelPrice.Default(model));
                var price = example is { } usual && usual != from ? $"from {from}, {usual} by default" : $"from {from}";
                var live = routing.IsAvailable(model, KeyMode.Live) ? "yes" : "no";
                text.Append(CultureInfo.InvariantCulture, $"| [{model.Id}]({Root}{model.Id}{suffix}) | {MarkdownText.Plain(model.Vendor)} ")
                    .Append(CultureInfo.InvariantCulture, $"| {model.Mode} | {price} | {Takes(model)} | {live} |\n");
            }
        }

        return text.ToString();
    }

    public static string Takes(ModelSpec model) => model.TypicalSeconds >= 120
        ? string.Create(CultureInfo.InvariantCulture, $"about {Math.Round(model.TypicalSeconds / 60.0)} min")
        : string.Create(CultureInfo.InvariantCulture, $"about {model.TypicalSeconds} s");
}
