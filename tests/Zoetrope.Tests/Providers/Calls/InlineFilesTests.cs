using System.Text;
using System.Text.Json;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.Calls;

/// <summary>Files in base64 inside an answer, however their text is written and cut into pieces.</summary>
public sealed class InlineFilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly byte[] _picture = new byte[100_003];
    private readonly ResultShelf _shelf;

    public InlineFilesTests()
    {
        new Random(7).NextBytes(_picture);
        _shelf = new ResultShelf(_directory.Path, TimeProvider.System);
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("", "+", "/", 65_536)]
    [InlineData("", "+", "/", 1)]
    [InlineData("", "+", @"\/", 7)]
    [InlineData("", @"\u002B", "/", 65_536)]
    [InlineData("", @"\u002b", @"\u002f", 1)]
    [InlineData("data:image/png;base64,", @"\u002B", @"\/", 13)]
    [InlineData(@"data:image\/png;base64,", "+", "/", 5)]
    [InlineData("", "-", "_", 4_096)]
    public async Task A_file_comes_out_as_it_was(string prefix, string plus, string slash, int chunk)
    {
        var text = prefix + Convert.ToBase64String(_picture).Replace("/", slash, StringComparison.Ordinal).Replace("+", plus, StringComparison.Ordinal);
        var (json, files) = await ReadAsync($$"""{"before":"a \"quoted\" \u00e9","data":[{"b64":"{{text}}"}],"after":1}""", chunk);

        var read = JsonDocument.Parse(json).RootElement;
        Assert.Equal(("a \"quoted\" é", "@file:0", 1.0), (read.TextAt("before"), read.ItemsAt("data").Single().TextAt("b64"), read.NumberAt("after")));
        Assert.Equal(_picture, await File.ReadAllBytesAsync(Assert.Single(files)));
    }

    [Fact]
    public async Task Every_place_where_a_text_becomes_a_file_is_safe_to_cut_an_escape_at()
    {
        // Shifts the six characters of an escape over the length at which a string is taken for a file.
        for (var shift = 0; shift < 8; shift++)
        {
            var before = new string('A', InlineFiles.Threshold - 8 + shift);
            var (_, files) = await ReadAsync($$"""{"x":"{{before}}\u002B{{new string('A', 99 + (8 - shift))}}"}""", 1);

            Assert.Equal(Convert.FromBase64String(Padded($"{before}+{new string('A', 99 + (8 - shift))}")), await File.ReadAllBytesAsync(Assert.Single(files)));
        }

        static string Padded(string text) => text.PadRight((text.Length + 3) / 4 * 4, '=');
    }

    [Fact]
    public async Task An_answer_cut_off_inside_a_file_leaves_nothing_behind()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync($$"""{"x":"{{Convert.ToBase64String(_picture)}}""", 4_096));

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_directory.Path, "provider-results")));
    }

    [Fact]
    public async Task A_long_text_is_no_file()
    {
        var (_, files) = await ReadAsync($$"""{"x":"{{string.Concat(Enumerable.Repeat("just words, many. ", 4_000))}}"}""", 4_096);

        Assert.Equal(0, new FileInfo(Assert.Single(files)).Length);
    }

    [Theory]
    [InlineData("aGVsbG8=", "hello")]
    [InlineData("hello!", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public async Task A_short_string_is_received_too(string? text, string? expected)
    {
        using var response = new HttpResponseMessage { Content = new StringContent(JsonSerializer.Serialize(new { b64 = text })) };
        var answer = await VendorAnswer.ReadAsync(response, _shelf, TimeProvider.System, CancellationToken.None);

        var file = _shelf.Receive(answer, answer.Json.TextAt("b64"));

        Assert.Equal(expected, file is null ? null : await File.ReadAllTextAsync(file));
    }

    private Task<(byte[] Json, IReadOnlyList<string> Files)> ReadAsync(string body, int chunk) =>
        InlineFiles.ReadAsync(new ChunkedStream(Encoding.UTF8.GetBytes(body), chunk), _shelf, CancellationToken.None);

    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(chunk, buffer.Length)], cancellationToken);
    }
}
