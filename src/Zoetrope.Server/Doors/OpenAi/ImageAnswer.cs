using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>
/// The image answers. The file goes from the store through a small buffer into base64 and out; it is never whole in memory,
/// and its length is known beforehand, so the answer has a Content-Length.
/// </summary>
internal static class ImageAnswer
{
    // Divisible by three: every full block ends on a base64 group.
    private const int Block = 3 * 16 * 1024;

    public static async Task<Problem?> WriteAsync(HttpContext context, Generation generation, Artifact artifact, bool asUrl)
    {
        var head = $$"""{"created":{{generation.CreatedAt.ToUnixTimeSeconds()}},"data":[{""";
        var tail = $$"""}],{{ImageFacts.Of(context, generation, artifact)}}}""";
        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        if (!asUrl)
        {
            return await WriteFileAsync(context, artifact, head + "\"b64_json\":\"", "\"" + tail, ProblemResponse.ContentType);
        }

        // Signed URLs hold only characters that JSON leaves alone.
        var url = context.RequestServices.GetRequiredService<SignedUrls>().ForResult(artifact).AbsoluteUri;
        var body = Encoding.UTF8.GetBytes($"{head}\"url\":\"{url}\"{tail}");
        context.Response.ContentType = ProblemResponse.ContentType;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
        return null;
    }

    /// <summary>The final event of a stream that has begun.</summary>
    public static Task<Problem?> WriteEventAsync(HttpContext context, Generation generation, Artifact artifact, string name)
    {
        var head = $$"""
            event: {{name}}.completed
            data: {"type":"{{name}}.completed","created_at":{{generation.CreatedAt.ToUnixTimeSeconds()}},{{ImageFacts.Of(context, generation, artifact)}},"b64_json":"
            """.ReplaceLineEndings("\n");
        return WriteFileAsync(context, artifact, head, "\"}\n\n", contentType: null);
    }

    private static async Task<Problem?> WriteFileAsync(HttpContext context, Artifact artifact, string head, string tail, string? contentType)
    {
        var store = context.RequestServices.GetRequiredService<IArtifactStore>();
        var cancellationToken = context.RequestAborted;
        var gone = Problems.FileNotFound.With("The file does not exist or was deleted.");
        if (await store.LengthAsync(artifact.Key, cancellationToken) is not { } length)
        {
            return gone;
        }

        await using var file = await store.OpenReadAsync(artifact.Key, 0, length, cancellationToken);
        if (file is null)
        {
            return gone;
        }

        if (contentType is not null)
        {
            context.Response.ContentType = contentType;
            context.Response.ContentLength = head.Length + ((length + 2) / 3 * 4) + tail.Length;
        }

        var writer = context.Response.BodyWriter;
        await writer.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            while (await file.ReadAtLeastAsync(buffer.AsMemory(0, Block), Block, throwOnEndOfStream: false, cancellationToken) is var read and > 0)
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

        await writer.WriteAsync(Encoding.ASCII.GetBytes(tail), cancellationToken);
        return null;
    }
}
