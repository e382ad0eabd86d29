using System.Globalization;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>What a person sees who opens the server's address: what it is, a first request to paste, and where to read on.</summary>
internal sealed class FrontPage(CatalogHolder catalog, PageAddress address)
{
    private static readonly Problem NoStream = Problems.MethodNotAllowed.With(
        "This endpoint has no event stream. Send messages with POST.");

    public Answer Show(HttpContext context)
    {
        // A client of the MCP door, which is also at this address, asks so whether there is a stream of messages.
        if (context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.Allow = "GET, POST";
            return NoStream;
        }

        var at = address.Of(context.Request);
        var models = catalog.Current.Models.Where(model => model.Lifecycle.Status != LifecycleStatus.Retired).ToList();
        return PageFrame.Of(
            "Zoetrope",
            "An API for AI images and videos.",
            $"""
            <section class="hello">
            <h1>Images and videos, from one API.</h1>
            <p class="lead">This is a Zoetrope server. You send a prompt; it has a model make the picture or the film, keeps the file,
            and settles the price in credits. {Count(models, MediaType.Image)} models for images and
            {Count(models, MediaType.Video)} for videos take the same request.</p>
            </section>
            {First(at, Example(models))}
            <section aria-labelledby="next">
            <h2 id="next">Read on</h2>
            <ul class="cards">
            {Card("/docs", "API reference", "Every operation with its parameters, examples and errors.")}
            {Card("/guides", "Guides", "Webhooks, batches, retries, errors, and how to run a server.")}
            {Card("/models", "Models", "What can be made, with which parameters, at what price.")}
            {Card("/guides/mcp", "Agents", "Claude, Cursor, VS Code and others connect over MCP.", at + "/mcp")}
            {Card("/guides/openai", "OpenAI’s clients", "They work with another base URL.", at + "/v1")}
            {Card("/health/ready", "Health", "Whether this server is taking work.")}
            </ul>
            </section>
            """).Answer();
    }

    private static Html First(string at, ModelSpec? model) => model is null
        ? Html.Nothing
        : $"""
        <section aria-labelledby="first">
        <h2 id="first">Your first picture</h2>
        <div class="wide" role="group" aria-label="Code" tabindex="0"><pre><code>export ZOETROPE_API_KEY=sk-test-…   <span># your key</span>

        TASK=$(curl -s {at}/api/v1/generate \
          -H "Authorization: Bearer $ZOETROPE_API_KEY" -H 'Content-Type: application/json' \
          -d '{ModelExample.Of(model).Replace("'", @"'\''", StringComparison.Ordinal)}' | grep -o 'task_[a-z0-9]*' | head -n 1)

        curl -s "{at}/api/v1/tasks/$TASK?wait=60" -H "Authorization: Bearer $ZOETROPE_API_KEY"</code></pre></div>
        <p>The second answer has the file’s URL. A key that begins with <code>sk-test-</code> uses the sandbox: it draws the words of the prompt,
        calls no model and costs test credits. A key that begins with <code>sk-live-</code> reaches the models themselves.</p>
        <p class="soft">No key? Ask whoever runs this server. If that is you: its first start printed a test key and keeps it in
        <code>data/first-key.txt</code>, or said how to make one.</p>
        </section>
        """;

    private static string Count(IReadOnlyList<ModelSpec> models, MediaType type) =>
        models.Count(model => model.MediaType == type).ToString(CultureInfo.InvariantCulture);

    // One that needs nothing but words, and a picture rather than a film: it is there at once.
    private static ModelSpec? Example(IReadOnlyList<ModelSpec> models) =>
        models.FirstOrDefault(static model => model.Mode == "text-to-image" && model.Lifecycle.Status == LifecycleStatus.Active)
        ?? models.FirstOrDefault(static model => model.Mode.StartsWith("text-to-", StringComparison.Ordinal));

    private static Html Card(string link, string title, string words, string? code = null) =>
        $"""
        <li><a href="{link}"><strong>{title}</strong><span>{words}</span>{(code is null ? Html.Nothing : (Html)$"<code>{code}</code>")}</a></li>

        """;
}
