using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Providers.Calls;

/// <summary>
/// A JSON request body in which files stand as base64. It is written from disk while it is sent: a request with ten
/// pictures costs no memory, and its length is known beforehand.
/// </summary>
internal sealed class VendorBody
{
    private const int Chunk = 48 * 1024;
    private readonly List<(string Mark, string Path, string Prefix)> _files = [];
    private readonly string _salt = Guid.NewGuid().ToString("N");

    public JsonObject Json { get; } = [];

    /// <summary>Stands for the file in <see cref="Json"/>.</summary>
    /// <param name="path">Read when the request is sent.</param>
    /// <param name="prefix">Written before the base64, such as <c>data:image/png;base64,</c>.</param>
    public JsonNode File(string path, string prefix = "")
    {
        var mark = $"{_salt}-{_files.Count}.";
        _files.Add((mark, path, prefix));
        return JsonValue.Create(mark);
    }

    /// <summary>The file as a data URI.</summary>
    public JsonNode DataUri(ProviderInput input) => File(input.Path, $"data:{input.ContentType};base64,");

    public HttpContent ToContent()
    {
        var parts = new List<Part>();
        var text = Json.ToJsonString();
        var from = 0;
        foreach (var (mark, path, prefix) in _files.Select(file => (file, At: text.IndexOf(file.Mark, StringComparison.Ordinal))).Where(item => item.At >= 0).OrderBy(item => item.At).Select(item => item.file))
        {
            var at = text.IndexOf(mark, from, StringComparison.Ordinal);
            parts.Add(new Part(Encoding.UTF8.GetBytes(text[from..at] + prefix), null));
            parts.Add(new Part([], path));
            from = at + mark.Length;
        }

        parts.Add(new Part(Encoding.UTF8.GetBytes(text[from..]), null));
        return new Content(parts);
    }

    private readonly record struct Part(byte[] Text, string? Path)
    {
        public long Length => Path is null ? Text.Length : (new FileInfo(Path).Length + 2) / 3 * 4;
    }

    private sealed class Content : HttpContent
    {
        private readonly IReadOnlyList<Part> _parts;

        public Content(IReadOnlyList<Part> parts)
        {
            _parts = parts;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _parts.Sum(part => part.Length);
            return true;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            foreach (var part in _parts)
            {
                if (part.Path is null)
                {
                    await stream.WriteAsync(part.Text, cancellationToken);
                }
                else
                {
                    await WriteFileAsync(stream, part.Path, cancellationToken);
                }
            }
        }

        private static async Task WriteFileAsync(Stream stream, string path, CancellationToken cancellationToken)
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            var bytes = new byte[Chunk];
            var text = new byte[Base64.GetMaxEncodedToUtf8Length(Chunk)];
            int read;
            while ((read = await file.ReadAtLeastAsync(bytes, Chunk, throwOnEndOfStream: false, cancellationToken)) > 0)
            {
                Base64.EncodeToUtf8(bytes.AsSpan(0, read), text, out _, out var written);
                await stream.WriteAsync(text.AsMemory(0, written), cancellationToken);
            }
        }
    }
}
