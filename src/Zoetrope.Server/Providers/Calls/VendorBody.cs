using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Providers.Calls;

/// <summary>
/// A JSON request body in which files are marks until it is sent. Then each is the URL it was placed at, or base64 that is read
/// from disk while it is sent: a request with ten pictures costs no memory, and its length is known beforehand.
/// </summary>
internal sealed class VendorBody
{
    private const int Chunk = 48 * 1024;
    private readonly List<FileMark> _files = [];
    private readonly string _salt = Guid.NewGuid().ToString("N");

    public JsonObject Json { get; } = [];

    /// <summary>Stands for the file in <see cref="Json"/>.</summary>
    /// <param name="input">Read when the request is sent.</param>
    /// <param name="prefix">Written before the base64, such as <c>data:image/png;base64,</c>.</param>
    public JsonNode File(ProviderInput input, string prefix = "")
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"{_salt}-{_files.Count}.");
        _files.Add(new FileMark(mark, input, prefix));
        return JsonValue.Create(mark);
    }

    /// <summary>The file as a data URI.</summary>
    public JsonNode DataUri(ProviderInput input) => File(input, $"data:{input.ContentType};base64,");

    /// <summary>Whether a text of <see cref="Json"/> stands for a file.</summary>
    public bool IsFile(string text) => _files.Exists(file => file.Mark == text);

    /// <summary>Sends this text for the file instead of its bytes: a URL, or the vendor's name of it.</summary>
    public void Place(ProviderInput input, string text) =>
        _files.Where(file => file.Input == input).ToList().ForEach(file => file.Text = text);

    /// <summary>Places these files at their public URLs; returns those that have none, because this server has no public URL.</summary>
    public async Task<IReadOnlyList<ProviderInput>> PlacePublicAsync(IEnumerable<ProviderInput> inputs)
    {
        var left = new List<ProviderInput>();
        foreach (var input in inputs)
        {
            if (await input.PublicUrlAsync() is { } url)
            {
                Place(input, url.AbsoluteUri);
            }
            else
            {
                left.Add(input);
            }
        }

        return left;
    }

    public HttpContent ToContent()
    {
        var parts = new List<Part>();
        var text = Json.ToJsonString();
        var from = 0;
        for (int at; (at = text.IndexOf(_salt, from, StringComparison.Ordinal)) >= 0;)
        {
            var end = text.IndexOf('.', at) + 1;
            var file = _files[int.Parse(text.AsSpan((at + _salt.Length + 1)..(end - 1)), NumberStyles.None, CultureInfo.InvariantCulture)];
            var before = text[from..at];
            if (file.Text is { } placed)
            {
                parts.Add(new Part(Encoding.UTF8.GetBytes(before + JsonEncodedText.Encode(placed).Value), null));
            }
            else
            {
                parts.Add(new Part(Encoding.UTF8.GetBytes(before + file.Prefix), null));
                parts.Add(new Part([], file.Input.Path));
            }

            from = end;
        }

        parts.Add(new Part(Encoding.UTF8.GetBytes(text[from..]), null));
        return new Content(parts);
    }

    private sealed class FileMark(string mark, ProviderInput input, string prefix)
    {
        public string Mark { get; } = mark;

        public ProviderInput Input { get; } = input;

        public string Prefix { get; } = prefix;

        public string? Text { get; set; }
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

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

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
            await using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
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
