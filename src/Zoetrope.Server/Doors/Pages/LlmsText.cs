using System.Globalization;
using System.Text;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.Pages;

/// <summary><c>/llms.txt</c>: the same pages for a reader that is a program (llmstxt.org).</summary>
internal sealed class LlmsText(CatalogHolder catalog, PageAddress address)
{
    public Answer Show(HttpContext context)
    {
        var at = address.Of(context.Request);
        var models = catalog.Current.Models.Where(model => model.Lifecycle.Status != LifecycleStatus.Retired).ToList();
        var text = new StringBuilder(8 * 1024);
        text.Append(
            CultureInfo.InvariantCulture,
            $"""
            # Zoetrope

            > An API for AI images and videos: one request shape and one task life in front of many models. A request is answered with a task at once; the task is read until it has a result. Prices are in credits.

            - Send the key as `Authorization: Bearer sk-…`. A key that begins with `sk-test-` uses the built-in sandbox, which draws instead of a model.
            - Start: `POST {at}/api/v1/generate`. Read: `GET {at}/api/v1/tasks/{"{id}"}?wait=30`. Price, starting nothing: `POST {at}/api/v1/estimate`.
            - Agents connect over MCP at `{at}/mcp`, OpenAI's clients at `{at}/v1`.
            - A retry with the same `Idempotency-Key` makes and costs nothing twice.

            ## API

            - [API description]({at}/openapi/v1.json): every operation, OpenAPI 3.1
            - [Models]({at}/models.md): all {models.Count} models with their prices; each has a page with its parameters and an example

            """);
        foreach (var (title, guides) in Guide.Groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {(title == "Decisions" ? "Optional" : title)}\n\n");
            foreach (var guide in guides)
            {
                text.Append(CultureInfo.InvariantCulture, $"- [{guide.Title}]({at}{Guide.Root}{guide.Name}.md): {guide.Summary}\n");
            }
        }

        return Page.Of(text.ToString(), "text/plain; charset=utf-8").Answer();
    }
}
