using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>A file of a multipart request, temporary until a task needs it.</summary>
internal sealed record OpenAiFile(string Field, string Path, long Bytes, string Sha256);

/// <summary>
/// A request of either content type as one JSON object, and the files beside it. OpenAI's clients choose the type by the
/// endpoint and its specification allows both, so both are read everywhere.
/// </summary>
internal sealed class OpenAiBody : IDisposable
{
    private const int MaxParts = 64;
    private const int MaxText = 256 * 1024;

    private readonly JsonDocument _document;

    private OpenAiBody(JsonDocument document, IReadOnlyList<OpenAiFile> files) => (_document, Files) = (document, files);

    public JsonElement Root => _document.RootElement;

    public IReadOnlyList<OpenAiFile> Files { get; }

    public static async Task<Outcome<OpenAiBody>> ReadAsync(HttpContext context, FreeSpace space, ArtifactOptions options)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            var json = await JsonBody.ReadAsync(context);
            return json.Failed(out var problem, out var document) ? problem : new OpenAiBody(document, []);
        }

        if (space.Refusal() is { } full)
        {
            return full;
        }

        var files = new List<OpenAiFile>();
        var complete = false;
        try
        {
            var fields = await PartsAsync(context, type, new TemporaryFiles(options), files);
            if (fields.Failed(out var problem, out var document))
            {
                return problem;
            }

            complete = true;
            return new OpenAiBody(document, files);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return BodyLimit.Exceeded(context);
        }
        catch (Exception exception)
            when (exception is InvalidDataException or IOException && !context.RequestAborted.IsCancellationRequested)
        {
            // What the reader says about boundaries, headers and an early end.
            return Malformed();
        }
        finally
        {
            if (!complete)
            {
                Delete(files);
            }
        }
    }

    public void Dispose()
    {
        _document.Dispose();
        Delete(Files);
    }

    private static async Task<Outcome<JsonDocument>> PartsAsync(
        HttpContext context, MediaTypeHeaderValue type, TemporaryFiles temporary, List<OpenAiFile> files)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > 200)
        {
            return Malformed();
        }

        var reader = new MultipartReader(boundary, context.Request.Body);
        var fields = new List<(string Name, string Text)>();
        while (await reader.ReadNextSectionAsync(context.RequestAborted) is { } section)
        {
            if (fields.Count + files.Count == MaxParts)
            {
                return Problems.InvalidParameter.With($"The request has more than {MaxParts} parts.", allowed: $"at most {MaxParts} parts");
            }

            if (section.GetContentDispositionHeader() is not { } disposition
                || HeaderUtilities.RemoveQuotes(disposition.Name).ToString() is not { Length: > 0 } name)
            {
                return Malformed();
            }

            if (disposition.FileName.HasValue || disposition.FileNameStar.HasValue)
            {
                files.Add(await FileAsync(name, section.Body, temporary, context.RequestAborted));
            }
            else if (await TextAsync(section.Body, context.RequestAborted) is { } text)
            {
                fields.Add((name, text));
            }
            else
            {
                return Problems.InvalidParameter.With(
                    $"{name} is not UTF-8 text of at most {MaxText} bytes.", name, allowed: "text, or a part with a file name for a file");
            }
        }

        return Object(fields);
    }

    // `a[b]` is a member, `a[]` and `a[0]` an element, as the clients flatten their objects.
    private static Outcome<JsonDocument> Object(List<(string Name, string Text)> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var group in fields.GroupBy(field => FieldOf(field.Name), StringComparer.Ordinal))
            {
                writer.WritePropertyName(group.Key);
                if (OpenAiPictures.IsPicture(group.Key))
                {
                    WritePictures(writer, group);
                }
                else if (group.All(field => field.Name == group.Key))
                {
                    // A field that is sent twice means its last value, as in HTML forms.
                    writer.WriteStringValue(group.Last().Text);
                }
                else if (group.All(field => Member(field.Name) is { } member && member.All(char.IsAsciiDigit)))
                {
                    writer.WriteStartArray();
                    foreach (var field in group)
                    {
                        writer.WriteStringValue(field.Text);
                    }

                    writer.WriteEndArray();
                }
                else
                {
                    writer.WriteStartObject();
                    foreach (var member in group
                        .Where(field => Member(field.Name) is { Length: > 0 })
                        .DistinctBy(field => Member(field.Name)))
                    {
                        writer.WriteString(Member(member.Name)!, member.Text);
                    }

                    writer.WriteEndObject();
                }
            }

            writer.WriteEndObject();
        }

        return JsonBody.Parse(buffer.WrittenSpan.ToArray(), buffer.WrittenCount);
    }

    // Every one of them, however the client counts them: a picture that is sent twice is two pictures.
    private static void WritePictures(Utf8JsonWriter writer, IEnumerable<(string Name, string Text)> fields)
    {
        writer.WriteStartArray();
        foreach (var (name, text) in fields)
        {
            if (Member(name) is { Length: > 0 } member && !member.All(char.IsAsciiDigit))
            {
                writer.WriteStartObject();
                writer.WriteString(member, text);
                writer.WriteEndObject();
            }
            else
            {
                writer.WriteStringValue(text);
            }
        }

        writer.WriteEndArray();
    }

    /// <summary><c>image</c> of <c>image[]</c> and <c>image[0]</c>.</summary>
    public static string FieldOf(string name) => name.IndexOf('[') is > 0 and var bracket ? name[..bracket] : name;

    private static string? Member(string name) =>
        name.IndexOf('[') is > 0 and var open && name.IndexOf(']', open) is > 0 and var close ? name[(open + 1)..close] : null;

    private static async Task<string?> TextAsync(Stream body, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        var buffer = new byte[4096];
        while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            text.Write(buffer, 0, read);
            if (text.Length > MaxText)
            {
                return null;
            }
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text.GetBuffer(), 0, (int)text.Length);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static async Task<OpenAiFile> FileAsync(string name, Stream body, TemporaryFiles temporary, CancellationToken cancellationToken)
    {
        var path = temporary.NewPath();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(81_920);
        long total = 0;
        var kept = false;
        try
        {
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
            {
                while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
                {
                    total += read;
                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                }
            }

            kept = true;
            return new OpenAiFile(name, path, total, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!kept)
            {
                File.Delete(path);
            }
        }
    }

    private static Problem Malformed() =>
        Problems.BadRequest.With(
            "The multipart body is not well-formed.",
            allowed: "multipart/form-data with a boundary, each part with a name, up to the closing boundary");

    private static void Delete(IReadOnlyList<OpenAiFile> files)
    {
        foreach (var file in files)
        {
            File.Delete(file.Path);
        }
    }
}
