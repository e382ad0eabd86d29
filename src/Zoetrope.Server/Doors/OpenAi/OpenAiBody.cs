using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Bodies;

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

    /// <summary>A field: the longest prompt, 32,000 characters, has at most 128,000 bytes.</summary>
    private const int MaxText = 128 * 1024;

    /// <summary>All fields together: only files may be large.</summary>
    private const int MaxAllText = 1 << 20;

    private readonly JsonBody _body;

    private OpenAiBody(JsonBody body, IReadOnlyList<OpenAiFile> files) => (_body, Files) = (body, files);

    public JsonElement Root => _body.RootElement;

    public IReadOnlyList<OpenAiFile> Files { get; }

    public static async Task<Outcome<OpenAiBody>> ReadAsync(HttpContext context, FreeSpace space, ArtifactOptions options)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            var json = await JsonBody.ReadAsync(context);
            return json.Failed(out var noJson, out var body) ? noJson : new OpenAiBody(body, []);
        }

        if (space.Refusal() is { } full)
        {
            return full;
        }

        if ((await EnterAsync(context)).Failed(out var busy, out var place))
        {
            BodyLimit.HangUp(context);
            return busy;
        }

        // Given back when the form has arrived: from then on it is files.
        using var _ = place;
        var files = new List<OpenAiFile>();
        var complete = false;
        try
        {
            var fields = await PartsAsync(context, type, new TemporaryFiles(options), files);
            if (fields.Failed(out var problem, out var body))
            {
                BodyLimit.HangUp(context);
                return problem;
            }

            complete = true;
            return new OpenAiBody(body, files);
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
        _body.Dispose();
        Delete(Files);
    }

    private static async Task<Outcome<BodyPlace?>> EnterAsync(HttpContext context) => context.Features.Get<LargeBodies>() is not { } bodies
        ? (BodyPlace?)null
        : (await bodies.EnterAsync(context)).Failed(out var problem, out var place) ? problem : place;

    private static async Task<Outcome<JsonBody>> PartsAsync(
        HttpContext context, MediaTypeHeaderValue type, TemporaryFiles temporary, List<OpenAiFile> files)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > 200)
        {
            return Malformed();
        }

        var reader = new MultipartReader(boundary, context.Request.Body);
        var fields = new List<(string Name, string Text)>();
        var parts = 0;
        var textBytes = 0;
        while (await reader.ReadNextSectionAsync(context.RequestAborted) is { } section)
        {
            if (parts++ == MaxParts)
            {
                return Problems.InvalidParameter.With($"The request has more than {MaxParts} parts.", allowed: $"at most {MaxParts} parts");
            }

            if (section.GetContentDispositionHeader() is not { } disposition
                || HeaderUtilities.RemoveQuotes(disposition.Name).ToString() is not { Length: > 0 } name)
            {
                return Malformed();
            }

            // A part without a file name is a field if it is text; what is no text is a file as well.
            using var begin = new FormText(MaxText);
            var text = disposition.FileName.HasValue || disposition.FileNameStar.HasValue
                ? null
                : await begin.ReadAsync(section.Body, context.RequestAborted);
            textBytes += text is null ? 0 : begin.Length;
            if (textBytes > MaxAllText)
            {
                return Problems.InvalidParameter.With(
                    $"The fields of the form have more than {MaxAllText} bytes.", ShortText.Of(name), allowed: "files as parts with a file name");
            }

            if (text is not null)
            {
                fields.Add((name, text));
            }
            else if (begin.IsCut && begin.IsText())
            {
                return Problems.InvalidParameter.With(
                    $"{ShortText.Of(name)} has more than {MaxText} bytes of text.",
                    ShortText.Of(name),
                    allowed: "text, or a part with a file name for a file");
            }
            else if (await FileAsync(name, begin, section.Body, temporary, context.RequestAborted) is { Bytes: > 0 } file)
            {
                files.Add(file);
            }
        }

        return Object(fields);
    }

    // `a[b]` is a member, `a[]` and `a[0]` an element, as the clients flatten their objects.
    private static Outcome<JsonBody> Object(List<(string Name, string Text)> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WireJson.Writer))
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

        return JsonBody.Parse(buffer.WrittenMemory);
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

    /// <summary>A file of a part; null if it has no bytes, as a form sends where nobody chose a file.</summary>
    private static async Task<OpenAiFile?> FileAsync(
        string name, FormText begin, Stream rest, TemporaryFiles temporary, CancellationToken cancellationToken)
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
                foreach (var piece in begin.Bytes)
                {
                    await WriteAsync(piece);
                }

                while (await rest.ReadAsync(buffer, cancellationToken) is var read and > 0)
                {
                    await WriteAsync(buffer.AsMemory(0, read));
                }

                async ValueTask WriteAsync(ReadOnlyMemory<byte> piece)
                {
                    total += piece.Length;
                    hash.AppendData(piece.Span);
                    await file.WriteAsync(piece, cancellationToken);
                }
            }

            kept = total > 0;
            return !kept ? null : new OpenAiFile(name, path, total, Convert.ToHexStringLower(hash.GetHashAndReset()));
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
