using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Drawing;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>Says a request of Microsoft.Extensions.AI in the words of a model, as the server lists them.</summary>
[Experimental("MEAI001")]
internal sealed class ImageRequestMapping(ZoetropeClient client, IImageGenerator generator)
{
    private static readonly string[] ImageParameters = ["image_urls", "reference_image_urls", "image_url"];

    private IReadOnlyList<ModelListing>? _models;

    public async Task<GenerateRequest> MapAsync(ImageGenerationRequest request, ImageGenerationOptions? options, string defaultModel, CancellationToken cancellationToken)
    {
        var raw = options?.RawRepresentationFactory?.Invoke(generator) as GenerateRequest;
        var images = request.OriginalImages?.ToList() ?? [];
        var model = await FindAsync(raw?.Model ?? options?.ModelId ?? defaultModel, images.Count > 0, cancellationToken).ConfigureAwait(false);
        var input = raw?.Input is { } given ? new Dictionary<string, JsonElement>(given) : [];
        if (images.Count > 0)
        {
            AddImages(model, await UrlsAsync(images, cancellationToken).ConfigureAwait(false), input);
        }

        if (options?.ImageSize is { } size)
        {
            AddSize(model, size, input);
        }

        // A model that cannot choose makes what it makes; the answer says which type that is.
        if (options?.MediaType is { } type && model.Parameters.ContainsKey("output_format"))
        {
            input.TryAdd("output_format", JsonValues.Of(type[(type.IndexOf('/', StringComparison.Ordinal) + 1)..]));
        }

        foreach (var (name, value) in options?.AdditionalProperties ?? [])
        {
            if (!ZoetropeImageGenerator.IsOwn(name) && value is not null)
            {
                input[name] = JsonValues.Of(value, name);
            }
        }

        return (raw ?? new GenerateRequest { Model = model.Id }) with { Model = model.Id, Prompt = request.Prompt ?? raw?.Prompt, Input = input.Count > 0 ? input : null };
    }

    // The list is kept, and read again where a name is not in it: an operator may have added the model since.
    private async Task<ModelListing> FindAsync(string name, bool withImages, CancellationToken cancellationToken)
    {
        var kept = _models;
        var models = kept ?? await ReadAsync(cancellationToken).ConfigureAwait(false);
        var found = Find(models, name, withImages);
        if (found is null && kept is not null)
        {
            models = await ReadAsync(cancellationToken).ConfigureAwait(false);
            found = Find(models, name, withImages);
        }

        if (found is null)
        {
            throw new ArgumentException($"The server has no image model '{name}'. It has: {string.Join(", ", models.Select(static model => model.Id))}.", nameof(name));
        }

        return !withImages || found.MaxImages > 0
            ? found
            : models.FirstOrDefault(model => model.Family == found.Family && model.MaxImages > 0) ?? throw new ArgumentException($"{found.Id} takes no images, and its family has no model that does.", nameof(name));
    }

    private async Task<IReadOnlyList<ModelListing>> ReadAsync(CancellationToken cancellationToken) => _models = await client.ModelsAsync("image", cancellationToken).ConfigureAwait(false);

    private static ModelListing? Find(IReadOnlyList<ModelListing> models, string name, bool withImages)
    {
        bool Named(ModelListing model) => string.Equals(model.Id, name, StringComparison.OrdinalIgnoreCase);
        bool Other(ModelListing model) => string.Equals(model.Family, name, StringComparison.OrdinalIgnoreCase) || model.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase);
        return models.FirstOrDefault(Named) ?? models.FirstOrDefault(model => Other(model) && model.MaxImages > 0 == withImages) ?? models.FirstOrDefault(Other);
    }

    private async Task<List<string>> UrlsAsync(List<AIContent> images, CancellationToken cancellationToken)
    {
        var urls = new List<string>(images.Count);
        foreach (var image in images)
        {
            switch (image)
            {
                case UriContent uri:
                    urls.Add(uri.Uri.AbsoluteUri);
                    break;
                case DataContent data:
                    using (var bytes = new MemoryStream(data.Data.ToArray(), writable: false))
                    {
                        urls.Add(await client.UploadAsync(bytes, data.MediaType, cancellationToken).ConfigureAwait(false));
                    }

                    break;
                default:
                    throw new ArgumentException($"An image must be {nameof(DataContent)} or {nameof(UriContent)}, not {image.GetType().Name}.", nameof(images));
            }
        }

        return urls;
    }

    private static void AddImages(ModelListing model, List<string> urls, Dictionary<string, JsonElement> input)
    {
        var name = ImageParameters.FirstOrDefault(model.Parameters.ContainsKey) ?? throw new ArgumentException($"{model.Id} takes no images.", nameof(model));
        if (model.Parameters[name].Type == "array")
        {
            input[name] = JsonValues.Of(urls);
        }
        else
        {
            input[name] = urls is [var only] ? JsonValues.Of(only) : throw new ArgumentException($"{model.Id} takes one image.", nameof(urls));
        }
    }

    private static void AddSize(ModelListing model, Size size, Dictionary<string, JsonElement> input)
    {
        if (size.Width <= 0 || size.Height <= 0)
        {
            throw new ArgumentException("ImageSize must be positive.", nameof(size));
        }

        var shapes = Words(model, "aspect_ratio").Select(static word => (Word: word, Ratio: Ratio(word))).Where(static shape => shape.Ratio > 0).ToList();
        if (shapes.Count == 0)
        {
            throw new ArgumentException($"{model.Id} has no shape to choose; leave ImageSize out.", nameof(size));
        }

        // As at the server's OpenAI door: a shape within 3 % is meant, so that 1792x1024 is 16:9.
        var wanted = (double)size.Width / size.Height;
        var nearest = shapes.MinBy(shape => Math.Abs(Math.Log(shape.Ratio / wanted)));
        input["aspect_ratio"] = Math.Abs((nearest.Ratio / wanted) - 1) <= 0.03
            ? JsonValues.Of(nearest.Word)
            : throw new ArgumentException($"{model.Id} does not make the shape {size.Width}x{size.Height}; it makes {string.Join(", ", shapes.Select(static shape => shape.Word))}.", nameof(size));

        var side = Math.Sqrt((double)size.Width * size.Height);
        var sizes = Words(model, "resolution").Select(static word => (Word: word, Side: Side(word))).Where(static one => one.Side > 0).ToList();
        if (sizes.Count > 0)
        {
            input["resolution"] = JsonValues.Of(sizes.MinBy(one => Math.Abs(Math.Log(one.Side / side))).Word);
        }
    }

    private static IEnumerable<string> Words(ModelListing model, string parameter) =>
        (model.Parameters.GetValueOrDefault(parameter)?.Enum ?? []).Where(static value => value.ValueKind == JsonValueKind.String).Select(static value => value.GetString()!);

    private static double Ratio(string word) =>
        word.Split(':') is [var width, var height] && Number(width) is { } w && Number(height) is { } h and > 0 ? w / h : 0;

    // 1K, 2K, 0.5K: the side of the square of the same area.
    private static double Side(string word) => word.EndsWith('K') && Number(word[..^1]) is { } thousands ? thousands * 1024 : 0;

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>Values as JSON without reflection, so that the program can be trimmed.</summary>
internal static class JsonValues
{
    public static JsonElement Of(object value, string name = "value")
    {
        if (value is JsonElement element)
        {
            return element;
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, value, name);
        }

        var reader = new Utf8JsonReader(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        return JsonElement.ParseValue(ref reader);
    }

    private static void Write(Utf8JsonWriter writer, object value, string name)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case Uri uri:
                writer.WriteStringValue(uri.AbsoluteUri);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case float number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case JsonElement element:
                element.WriteTo(writer);
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    Write(writer, item, name);
                }

                writer.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"{name}: a {value.GetType().Name} cannot be sent. Give text, a number, a flag, a list of them or a JsonElement.", nameof(value));
        }
    }
}
