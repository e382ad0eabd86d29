using System.Text;
using System.Text.Json;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Bodies;

namespace Zoetrope.Tests.Doors.Shared.Bodies;

/// <summary>What JSON may cost: judged byte by byte as it arrives, whatever pieces it arrives in.</summary>
public sealed class JsonBoundsTests
{
    private static readonly string Long = new('x', 3_000_000);

    public static TheoryData<string, bool> Bodies { get; } = new()
    {
        { "{}", true },
        { $$"""{"a":"{{Long}}"}""", true },
        { $$"""{"a":["{{Long}}","{{Long}}"],"b":"\"{{Long}}\\"}""", true },
        { $"[{string.Join(',', Enumerable.Repeat("\"[1,2,{3:4}]\"", 90_000))}]", true },
        { $"[{string.Join(',', Enumerable.Repeat("1", 99_000))}]", true },
        { $"[{string.Join(',', Enumerable.Repeat("1", 101_000))}]", false },
        { $"[{string.Join(',', Enumerable.Repeat("[]", 40_000))}]", false },
        { $"[{string.Join(',', Enumerable.Repeat("{\"a\":{}}", 20_000))}]", false },
        { new string('[', 64) + new string(']', 64), true },
        { new string('[', 65), false },
        { string.Concat(Enumerable.Repeat("{\"a\":", 65)), false },
        { $"{{\"a\":1{new string('1', 1_100_000)}}}", false },
        { $"{{\"{Long}\":1}}", false },
        { $"{{\"a\":{{\"b\":\"{Long}\",\"{Long}\":1}}}}", false },
        { $"{{\"{string.Concat(Enumerable.Repeat("\\\\", 600_000))}\":1}}", false },
        { $"{{\"a\":[\"{Long}\"],\"{Long}\":1}}", false },
        { "{}" + new string(' ', 1_100_000), false },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Only_the_values_of_strings_may_be_long(string body, bool isAllowed)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        foreach (var piece in new[] { bytes.Length, 7, 4_096 })
        {
            var bounds = new JsonBounds();
            string? refused = null;
            for (var at = 0; at < bytes.Length && refused is null; at += piece)
            {
                refused = bounds.Read(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)))?.Message;
            }

            Assert.True(refused is null == isAllowed, $"in pieces of {piece}: {refused ?? "allowed"}");
        }
    }

    [Theory]
    [InlineData("", "Invalid JSON body: it is empty.")]
    [InlineData(" \r\n", "Invalid JSON body: it is empty.")]
    [InlineData("{\"model\":", "Invalid JSON body at line 1, byte 10: it ends in the middle.")]
    [InlineData("{\"a\":1,}", "Invalid JSON body at line 1, byte 8: '}' is not expected there.")]
    [InlineData("{\n  \"a\": 'x'\n}", "Invalid JSON body at line 2, byte 8: ''' is not expected there.")]
    [InlineData("{\"a\":1}{}", "Invalid JSON body at line 1, byte 8: '{' is not expected there.")]
    [InlineData("{\"a\":1,\"a\":2}", "Invalid JSON body at line 1, byte 8: the name a appears twice in one object.")]
    [InlineData("{\"b\":[{},{\"a\":{\"\\u0061\":1,\n\"a\":2}}],\"b\":1}", "Invalid JSON body at line 2, byte 1: the name a appears twice in one object.")]
    [InlineData("{\"a\":1,\"a\":2,}", "Invalid JSON body at line 1, byte 14: '}' is not expected there.")]
    [InlineData("[1]", "Invalid JSON body: it is not an object.")]
    [InlineData("{\"\\ud800\":1,\"o\":{\"a\":1,\"a\":2}}", "Invalid JSON body at line 1, byte 24: the name a appears twice in one object.")]
    [InlineData("{\"a\":\"\\ud800\"}", "Invalid JSON body: an escape such as \\ud800 is half of a character.")]
    [InlineData("{\"\\udc00\":1}", "Invalid JSON body: an escape such as \\ud800 is half of a character.")]
    [InlineData("{\"a\":\"\u0001\"}", "Invalid JSON body at line 1, byte 7: the character U+0001 is not expected there.")]
    [InlineData("{\"a\":undefined}", "Invalid JSON body at line 1, byte 6: 'u' is not expected there.")]
    [InlineData("{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", "Invalid JSON body at line 1, byte 37: it is nested deeper than 32 levels.")]
    public void A_refusal_says_where_and_why(string body, string message)
    {
        var refused = JsonBody.Parse(Encoding.UTF8.GetBytes(body)).Problem;

        Assert.Equal(("INVALID_JSON", message), (refused?.Kind.Code, refused?.Message));
    }

    [Theory]
    [InlineData("{\"a\":\"x\\u0000\"}", "a")]
    [InlineData("{\"a\":{\"b\":[\"ok\",{\"c\":\"\\u0000\"}]}}", "a.b[1].c")]
    [InlineData("{\"a\":{\"\\u0000\":1}}", "a")]
    [InlineData("{\"\\u0000\":1}", null)]
    public void U0000_is_refused_with_its_field(string body, string? field)
    {
        var refused = JsonBody.Parse(Encoding.UTF8.GetBytes(body)).Problem;

        Assert.Equal(("INVALID_PARAMETER", field), (refused?.Kind.Code, refused?.Field));
    }

    [Fact]
    public void Every_escape_that_is_text_is_taken()
    {
        const string json = """{"a":"\u0041\ud83d\ude00\\u0000\"\\\\ud800","\u0062":"\\\ud83d\ude00"}""";
        var reading = JsonBody.Parse(Encoding.UTF8.GetBytes(json));

        Assert.Null(reading.Problem);
        using var body = reading.Value;
        Assert.Equal(JsonDocument.Parse(json).RootElement.GetProperty("a").GetString(), body.RootElement.GetProperty("a").GetString());
    }
}
