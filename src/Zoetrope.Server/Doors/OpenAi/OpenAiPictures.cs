using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>
/// The input pictures of a body. OpenAI names them differently at each endpoint, and its neighbours' clients have names of their
/// own: all of these mean the picture that the result starts from. A file under any other name is refused by
/// <see cref="Stray"/>, because what is ignored would be paid for and missing.
/// </summary>
internal static class OpenAiPictures
{
    private static readonly FrozenSet<string> Names =
    [
        "image", "images", "image_url", "image_urls", "input_image", "input_images", "input_image_url", "input_reference",
        "input_references", "reference_image", "first_frame", "first_frame_image", "first_frame_url", "first_frame_image_url",
        "start_frame", "start_image", "start_image_url", "init_image", "source_image",
    ];

    // Texts of the client's own, which may well be or hold a URL.
    private static readonly FrozenSet<string> Notes =
        ["model", "prompt", "user", "metadata", "style", "moderation", "store", "service_tier", "safety_identifier", "prompt_cache_key"];

    public static bool IsPicture(string field) => Names.Contains(field);

    /// <summary>The pictures in the order in which they were sent; a file part is named by the key it has in <see cref="Files"/>.</summary>
    public static Outcome<IReadOnlyList<(string Field, string Url)>> Read(OpenAiBody body, string mainField)
    {
        var found = new List<(string Field, string Url)>();
        for (var i = 0; i < body.Files.Count; i++)
        {
            var field = OpenAiBody.FieldOf(body.Files[i].Field);
            if (field is "mask" or "markup")
            {
                // Without what is drawn on them they would change another part of the picture than the one that was meant.
                return NoMask(field);
            }

            if (!IsPicture(field))
            {
                return Refused(body.Files[i].Field, "a file", mainField);
            }

            found.Add((body.Files[i].Field, KeyOf(i)));
        }

        foreach (var property in body.Root.EnumerateObject())
        {
            if (IsPicture(property.Name) && Add(property.Name, property.Value, found) is { } problem)
            {
                return problem;
            }
        }

        return found;
    }

    /// <summary>The file parts by the text that stands for each; no client can send such a text, because it is no URL.</summary>
    public static IReadOnlyDictionary<string, LocalFile>? Files(OpenAiBody body) => body.Files.Count == 0
        ? null
        : body.Files.Select((file, i) => (Key: KeyOf(i), File: new LocalFile(file.Path, file.Bytes, file.Sha256)))
            .ToDictionary(pair => pair.Key, pair => pair.File, StringComparer.Ordinal);

    /// <summary>A field with a file in it that this model has no use for.</summary>
    public static Problem? Stray(JsonElement body, ModelSpec model, string mainField)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (!IsPicture(property.Name) && !Notes.Contains(property.Name) && !model.ParameterIndex.ContainsKey(property.Name)
                && FileFields.Carries(property.Value))
            {
                return property.Name is "mask" or "markup"
                    ? NoMask(property.Name)
                    : Refused(property.Name, Given.Of(property.Value), mainField);
            }
        }

        return null;
    }

    public static Problem NoMask(string field) => Problems.InvalidParameter.With(
        $"No model here accepts a {field}. Describe the change in the prompt.", field, allowed: $"no {field}");

    private static string KeyOf(int file) => string.Create(CultureInfo.InvariantCulture, $"part {file}");

    private static Problem Refused(string field, string given, string mainField)
    {
        var shown = ShortText.Of(field);
        return Problems.InvalidParameter.With(
            $"{shown} carries a file or a URL, and nothing here uses a field of this name. Send the picture as {mainField}. Other "
            + "inputs are parameters of some models; GET /api/v1/models lists them.",
            shown,
            given,
            mainField);
    }

    private static Problem? Add(string field, JsonElement given, List<(string Field, string Url)> found)
    {
        if (ValueReader.IsAbsent(given))
        {
            return null;
        }

        var value = ValueReader.Structured(given, '[');
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (Add(field, item, found) is { } problem)
                    {
                        return problem;
                    }
                }

                return null;
            case JsonValueKind.Object when value.TryGetProperty("image_url", out var url):
                return Add($"{field}.image_url", url, found);
            case JsonValueKind.Object when value.TryGetProperty("url", out var url):
                return Add($"{field}.url", url, found);
            case JsonValueKind.Object when value.TryGetProperty("file_id", out _):
                return Problems.InvalidParameter.With(
                    "This server has no Files API.", $"{field}.file_id", allowed: "a file part, or image_url with an https or data: URL");
            default:
                if (!ValueReader.TryFile(value, out var text)
                    || (!text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && !text.Contains("://", StringComparison.Ordinal)))
                {
                    return Problems.InvalidParameter.With(
                        $"{field} is neither a file nor a URL.", field, Given.Of(value), "a file part, or an https or data: URL");
                }

                // The same picture under two names is one picture.
                if (!found.Exists(known => known.Url == text && OpenAiBody.FieldOf(known.Field) != field))
                {
                    found.Add((field, text));
                }

                return null;
        }
    }
}
