using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Zoetrope.Bench;

/// <summary>
/// A vendor that answers at once, in OpenAI's words: a small picture in the answer, a large one, a picture by URL, a clip by URL. No two
/// files are the same, so that nobody who stores them can save the work.
/// </summary>
internal static class InstantVendor
{
    public const string Command = "--instant-vendor";

    private static long _made;

    /// <summary>The vendor in a process of its own.</summary>
    public static Task<(ServerChild Child, Uri Address)> StartAsync(string clip) => ServerChild.StartOwnAsync(Command, clip);

    public static async Task RunAsync(string url, string clipPath)
    {
        var address = new Uri(url);
        var small = Png(256, 256, static (x, y) => (byte)((x ^ y) & 0xe0));
        var random = new Random(7);
        var large = Png(1280, 1280, (_, _) => (byte)random.Next(256));
        var clip = await File.ReadAllBytesAsync(clipPath);
        await using var app = BaselineServer.Bare(url).Build();
        app.MapGet("/v1/models", context => WriteAsync(context, """{"object":"list","data":[]}"""u8.ToArray(), "application/json"));
        app.MapPost("/v1/images/generations", context => InsideAsync(context, small));
        app.MapPost("/v1/large/images/generations", context => InsideAsync(context, large));
        app.MapPost("/v1/linked/images/generations", context => LinkAsync(context, address, "picture.png"));
        app.MapPost("/v1/videos", context => LinkAsync(context, address, "clip.mp4"));
        app.MapGet("/files/{number}/picture.png", context => WriteAsync(context, WithNumber(small), "image/png"));
        app.MapGet("/files/{number}/clip.mp4", context => WriteAsync(context, [.. clip, .. FreeBox()], "video/mp4"));
        await app.StartAsync();
        Console.WriteLine("ready");
        await app.WaitForShutdownAsync();
    }

    private static async Task InsideAsync(HttpContext context, byte[] picture)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        var text = Convert.ToBase64String(WithNumber(picture));
        await WriteAsync(context, Encoding.ASCII.GetBytes($$"""{"created":1763800000,"data":[{"b64_json":"{{text}}"}]}"""), "application/json");
    }

    private static async Task LinkAsync(HttpContext context, Uri address, string name)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        var link = new Uri(address, $"/files/{Interlocked.Increment(ref _made)}/{name}");
        await WriteAsync(context, Encoding.ASCII.GetBytes($$"""{"created":1763800000,"data":[{"url":"{{link}}"}]}"""), "application/json");
    }

    private static async Task WriteAsync(HttpContext context, byte[] bytes, string contentType)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
    }

    // The picture with a text chunk of its own before its end, which is twelve bytes long.
    private static byte[] WithNumber(byte[] png) =>
        [.. png.AsSpan(0, png.Length - 12), .. Chunk("tEXt", Encoding.ASCII.GetBytes($"Number\0{Interlocked.Increment(ref _made)}")),
            .. png.AsSpan(png.Length - 12)];

    private static byte[] FreeBox()
    {
        byte[] box = [0, 0, 0, 16, .. "free"u8, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt64BigEndian(box.AsSpan(8), Interlocked.Increment(ref _made));
        return box;
    }

    private static byte[] Png(int width, int height, Func<int, int, byte> value)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var row = new byte[1 + (3 * width)];
            for (var y = 0; y < height; y++)
            {
                for (var x = 1; x < row.Length; x++)
                {
                    row[x] = value(x / 3, y);
                }

                deflate.Write(row);
            }
        }

        return [0x89, .. "PNG\r\n"u8, 0x1a, 0x0a, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] body)
    {
        byte[] chunk = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(type), .. body, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32.HashToUInt32(chunk.AsSpan(4, body.Length + 4)));
        return chunk;
    }
}
