using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Server.Providers.Calls;

/// <summary>A vendor's answer, read to its end within bounds.</summary>
internal sealed class VendorAnswer
{
    private const int ShownText = 2_000;
    private readonly HttpResponseHeaders _headers;

    private VendorAnswer(HttpResponseMessage response, byte[] body, IReadOnlyList<string> files, TimeProvider time)
    {
        Status = (int)response.StatusCode;
        _headers = response.Headers;
        Files = files;
        RetryAfter = ReadRetryAfter(response.Headers.RetryAfter, time);
        Json = JsonReading.Parse(body);
        Text = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, ShownText)));
    }

    public int Status { get; }

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The body; undefined where it is no JSON.</summary>
    public JsonElement Json { get; }

    public bool IsJson => Json.ValueKind is not JsonValueKind.Undefined;

    /// <summary>The beginning of the body as text.</summary>
    public string Text { get; }

    /// <summary>Files that came inside the answer as base64; their strings read <c>@file:0</c>, <c>@file:1</c>, ….</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The vendor's wish to be left alone, never negative.</summary>
    public TimeSpan? RetryAfter { get; }

    public string? Header(string name) => _headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>The file that a string of <see cref="Json"/> stands for; null where it stands for none.</summary>
    public string? FileOf(string? text) =>
        text is not null && text.StartsWith(InlineFiles.Mark, StringComparison.Ordinal)
        && int.TryParse(text.AsSpan(InlineFiles.Mark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        && index < Files.Count
            ? Files[index]
            : null;

    /// <exception cref="InvalidDataException">The body is larger than anybody needs.</exception>
    public static async Task<VendorAnswer> ReadAsync(
        HttpResponseMessage response, ResultShelf? shelf, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var (body, files) = await InlineFiles.ReadAsync(stream, shelf, cancellationToken);
        return new VendorAnswer(response, body, files, time);
    }

    private static TimeSpan? ReadRetryAfter(RetryConditionHeaderValue? header, TimeProvider time)
    {
        var wait = header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
