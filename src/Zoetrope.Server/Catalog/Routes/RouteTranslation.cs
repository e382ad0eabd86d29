using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Routes.Transforms;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>Says a request in a vendor's words, as the catalogue's route lays down.</summary>
internal static class RouteTranslation
{
    /// <summary>Everything of a request but its files, in the vendor's words.</summary>
    public static TranslatedRequest Translate(RouteSpec route, string prompt, JsonElement parameters, OutputSpec output)
    {
        var model = route.Model;
        var text = prompt;
        var fields = new List<TranslatedField>(route.Fields.Length);
        foreach (var field in route.Fields)
        {
            switch (field.Source)
            {
                case RouteSource.Prompt source:
                    text = source.Marks?.Write(prompt) ?? prompt;
                    if (text.Length > 0 && field.Target is RouteTarget.Field { Path: var place })
                    {
                        fields.Add(new TranslatedField(field, place, JsonValue.Create(text)));
                    }

                    break;

                case RouteSource.Value source when RouteValue.Of(source, parameters, output) is { } given:
                    model = Add(fields, field, source.Transform, given, model);
                    break;
            }
        }

        return new TranslatedRequest(model, text, fields);
    }

    /// <summary>Writes the whole request: fields, files and the route's fixed values, in the catalogue's order.</summary>
    /// <param name="body">The vendor's request.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="file">How this vendor accepts a file: a URL, a data URI, an object.</param>
    public static TranslatedRequest Write<TFile>(JsonObject body, RouteCall<TFile> request, Func<TFile, JsonNode> file)
        where TFile : RouteFile
    {
        var translated = Translate(request.Route, request.Prompt, request.Parameters, request.Output);
        var next = 0;
        foreach (var field in request.Route.Fields)
        {
            for (; next < translated.Fields.Count && ReferenceEquals(translated.Fields[next].Field, field); next++)
            {
                translated.Fields[next].Path.Set(body, translated.Fields[next].Value.DeepClone());
            }

            WriteFiles(body, request, field, file);
        }

        foreach (var value in request.Route.Fixed)
        {
            value.Path.Set(body, value.For(request.Output));
        }

        return translated;
    }

    /// <summary>The input files that a field of the route takes, with their place among the files of their parameter, from 1.</summary>
    public static IEnumerable<(TFile Input, int Number)> FilesOf<TFile>(RouteCall<TFile> request, RouteField field)
        where TFile : RouteFile
    {
        var parameter = field.Source switch
        {
            RouteSource.Files all => all.Parameter,
            RouteSource.FileAt one => one.Parameter,
            RouteSource.OtherFiles others => others.Parameter,
            _ => null,
        };
        var files = request.Inputs.Where(input => input.Parameter == parameter).Select((input, index) => (Input: input, Number: index + 1));
        return field.Source switch
        {
            RouteSource.FileAt one => files.Where(item => item.Number - 1 == one.Index),
            RouteSource.OtherFiles others => files.Where(item => !others.Named.Contains(item.Number - 1)),
            _ => files,
        };
    }

    private static string Add(List<TranslatedField> fields, RouteField field, Transform transform, in RouteValue given, string model)
    {
        switch (field.Target)
        {
            case RouteTarget.Sides sides:
                fields.Add(new TranslatedField(field, sides.Width, JsonValue.Create(given.Output.Width)));
                fields.Add(new TranslatedField(field, sides.Height, JsonValue.Create(given.Output.Height)));
                break;
            case RouteTarget.Field { Path: var path } when transform.Apply(given) is { } value:
                fields.Add(new TranslatedField(field, path, value));
                break;
            case RouteTarget.ModelPart part when transform.Apply(given) is { } value:
                return model.Replace(part.Placeholder, value.GetValue<string>(), StringComparison.Ordinal);
        }

        return model;
    }

    private static void WriteFiles<TFile>(JsonObject body, RouteCall<TFile> request, RouteField field, Func<TFile, JsonNode> file)
        where TFile : RouteFile
    {
        if (field.Target is not RouteTarget.Field { Path: var path } || FilesOf(request, field).ToList() is not { Count: > 0 } files)
        {
            return;
        }

        if (field.Source is RouteSource.Files { Shape: var shape })
        {
            var single = shape is FileShape.One || (shape is FileShape.OneOrMany && files.Count == 1);
            path.Set(body, single ? file(files[0].Input) : new JsonArray([.. files.Select(item => file(item.Input))]));
            return;
        }

        foreach (var (input, number) in files)
        {
            path.Set(body, file(input), number);
        }
    }
}

/// <summary>A request in a vendor's words, without its files.</summary>
/// <param name="Model">The vendor's model id, complete.</param>
/// <param name="Prompt">With the vendor's marks for files.</param>
/// <param name="Fields">In the catalogue's order.</param>
internal sealed record TranslatedRequest(string Model, string Prompt, IReadOnlyList<TranslatedField> Fields);

/// <param name="Field">The route's field that this comes from.</param>
/// <param name="Path">Where it goes.</param>
/// <param name="Value">In the vendor's words.</param>
internal sealed record TranslatedField(RouteField Field, FieldPath Path, JsonNode Value);
