using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>A task that made an image, and its file.</summary>
internal sealed record MadeImage(Generation Generation, Artifact File);

/// <summary>
/// The image answers. A file goes from the store through a small buffer into base64 and out; it is never whole in memory,
/// and its length is known beforehand, so the answer has a Content-Length.
/// </summary>
internal sealed class ImageAnswer(SignedUrls urls, StoredFiles store, CatalogHolder catalog)
{
    // Divisible by three: every full block ends on a base64 group.
    private const int Block = 3 * 16 * 1024;

    public async Task<Problem?> WriteAsync(HttpContext context, IReadOnlyList<MadeImage> images, bool asUrl)
    {
        var first = images[0];
        var head = $$"""{"created":{{first.Generation.CreatedAt.ToUnixTimeSeconds()}},"data":[""";
        var tail = $$"""],{{ImageFacts.Of(catalog.Current, first.Generation, first.File)}}}""";
        if (!asUrl)
        {
            return await WriteFilesAsync(context, images, head, "{\"b64_json\":\"", "\"}", tail);
        }

        // Signed URLs hold only characters that JSON leaves alone.
        var data = string.Join(',', images.Select(image => $"{{\"url\":\"{urls.ForResult(image.File).AbsoluteUri}\"}}"));
        var body = Encoding.UTF8.GetBytes(head + data + tail);
        context.Response.ContentType = ProblemResponse.ContentType;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
        return null;
    }

    /// <summary>One image's final event of a stream that has begun.</summary>
    public async Task<Problem?> WriteEventAsync(HttpContext context, MadeImage image, string name)
    {
        if (await LengthAsync(context, image) is null)
        {
            return MediaResponse.Gone;
        }

        var created = image.Generation.CreatedAt.ToUnixTimeSeconds();
        var facts = ImageFacts.Of(catalog.Current, image.Generation, image.File);
        var head = $$"""
            event: {{name}}.completed
            data: {"type":"{{name}}.completed","created_at":{{created}},{{facts}},"b64_json":"
            """.ReplaceLineEndings("\n");
        var writer = context.Response.BodyWriter;
        await writer.WriteAsync(Encoding.UTF8.GetBytes(head), context.RequestAborted);
        await CopyAsync(context, image);
        await writer.WriteAsync("\"}\n\n"u8.ToArray(), context.RequestAborted);
        return null;
    }

    private async Task<Problem?> WriteFilesAsync(
        HttpContext context, IReadOnlyList<MadeImage> images, string head, string before, string after, string tail)
    {
        var end = Encoding.UTF8.GetBytes(tail);
        long length = head.Length + end.Length + images.Count - 1;
        foreach (var image in images)
        {
            if (await LengthAsync(context, image) is not { } bytes)
            {
                return MediaResponse.Gone;
            }

            length += before.Length + ((bytes + 2) / 3 * 4) + after.Length;
        }

        context.Response.ContentType = ProblemResponse.ContentType;
        context.Response.ContentLength = length;
        var writer = context.Response.BodyWriter;
        await writer.WriteAsync(Encoding.ASCII.GetBytes(head), context.RequestAborted);
        for (var i = 0; i < images.Count; i++)
        {
            await writer.WriteAsync(Encoding.ASCII.GetBytes(i == 0 ? before : "," + before), context.RequestAborted);
            await CopyAsync(context, images[i]);
            await writer.WriteAsync(Encoding.ASCII.GetBytes(after), context.RequestAborted);
        }

        await writer.WriteAsync(end, context.RequestAborted);
        return null;
    }

    private Task<long?> LengthAsync(HttpContext context, MadeImage image) => store.LengthAsync(image.File.Key, context.RequestAborted);

    private async Task CopyAsync(HttpContext context, MadeImage image)
    {
        var cancellationToken = context.RequestAborted;

        // Deleted since its length was asked: what has begun cannot become a refusal any more, so the connection breaks off.
        await using var file = await store.OpenReadAsync(image.File.Key, 0, await LengthAsync(context, image) ?? 0, cancellationToken)
            ?? throw new IOException($"The file of {image.Generation.Id} was deleted while it was being sent.");
        var writer = context.Response.BodyWriter;
        var buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            var block = buffer.AsMemory(0, Block);
            while (await file.ReadAtLeastAsync(block, Block, throwOnEndOfStream: false, cancellationToken) is var read and > 0)
            {
                Base64.EncodeToUtf8(buffer.AsSpan(0, read), writer.GetSpan(Base64.GetMaxEncodedToUtf8Length(read)), out _, out var written);
                writer.Advance(written);
                await writer.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
