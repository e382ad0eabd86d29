using System.Text;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Hosting;

/// <summary>What a person sees who opens the server's address in a browser: what it is, and where to read on.</summary>
internal static class RootPage
{
    private static readonly Problem NoStream = Problems.MethodNotAllowed.With(
        "This endpoint has no event stream. Send messages with POST.");

    private static readonly byte[] Page = Encoding.UTF8.GetBytes(
        $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Zoetrope</title>
        <style>
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 10vh auto; padding: 0 1rem; color-scheme: light dark }
        code { font-size: 0.95em }
        </style>
        </head>
        <body>
        <h1>Zoetrope</h1>
        <p>This server makes images and videos. Version {{ProductVersion.Text}}.</p>
        <ul>
        <li><a href="/docs">The API and how to use it</a> (<a href="/openapi/v1.json">OpenAPI</a>)</li>
        <li><a href="/api/v1/models">The models with their prices</a></li>
        <li>Agents connect to <code>/mcp</code>, OpenAI's clients to <code>/v1</code>.</li>
        </ul>
        <p>Ask the operator of this server for an API key.</p>
        </body>
        </html>

        """);

    public static void MapRootPage(this WebApplication app) => app.MapGet("/", Show)
        .AllowAnonymousCaller("people open it to see what this is")
        .ExcludeFromDescription();

    private static Answer Show(HttpContext context)
    {
        // A client of the MCP door, which is also at this address, asks so whether there is a stream of messages.
        if (context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.Allow = "GET, POST";
            return NoStream;
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return Answer.Of(TypedResults.Bytes(Page, "text/html; charset=utf-8"));
    }
}
