using System.Text.RegularExpressions;
using Microsoft.OpenApi;

namespace Zoetrope.Server.Hosting.ApiDocs;

/// <summary>Texts of the description as a person would have written them: comments of our code come with its line breaks.</summary>
internal static partial class ApiText
{
    public static void Tidy(OpenApiDocument document)
    {
        foreach (var path in document.Paths.Values.OfType<OpenApiPathItem>())
        {
            // They follow from GET and from CORS, and no client calls them by hand.
            path.Operations?.Remove(HttpMethod.Head);
            path.Operations?.Remove(HttpMethod.Options);
            foreach (var operation in (path.Operations ?? []).Values)
            {
                operation.Description = Tidy(operation.Description);
                foreach (var media in (operation.Responses ?? []).Values.SelectMany(answer => answer.Content?.Values ?? []))
                {
                    Tidy(media.Schema);
                }
            }
        }

        foreach (var schema in document.Components?.Schemas?.Values ?? [])
        {
            Tidy(schema);
        }
    }

    private static void Tidy(IOpenApiSchema? schema)
    {
        if (schema is null)
        {
            return;
        }

        schema.Description = Tidy(schema.Description);
        if (schema is not OpenApiSchema own)
        {
            return;
        }

        ApiSchemas.Finish(own);
        foreach (var part in (own.Properties?.Values ?? []).Append(own.Items).Concat(own.OneOf ?? []).Concat(own.AnyOf ?? []).Concat(own.AllOf ?? []))
        {
            Tidy(part);
        }
    }

    private static string? Tidy(string? text) => text is null ? null : Spaces().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
