using System.Globalization;
using System.Text;
using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Tests.Catalog;

namespace Zoetrope.Tests.Doors;

/// <summary>
/// Bodies nobody should send: valid requests of every model in all three shapes, with none to several things wrong in them.
/// The same seed gives the same bodies.
/// </summary>
internal sealed class HostileBodies(int seed, string image, string video)
{
    private static readonly string[] Numbers =
    [
        "0", "-0", "-1", "1", "2", "5", "15", "99", "0.1", "5.0", "5.0000000001", "-5.5", "1e1", "1e308", "-1e308", "1e400", "1E-400", "2147483647", "2147483648", "-2147483649",
        "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1234567890123456789012345678901234567890",
        "NaN", "Infinity", "-Infinity", "0x10", "007", "1_000", "+5", ".5", "5.",
    ];

    private static readonly string[] Texts =
    [
        "\"\"", "\" \"", "\"5\"", "\"-5\"", "\"1e308\"", "\"9223372036854775808\"", "\"NaN\"", "\"true\"", "\"null\"", "\"16:9\"", "\"auto\"", "\"720p\"", "\"4K\"", "\"\\u0000\"", "\"\\ud800\"",
        "\"\\udc00\\ud800\"", "\"\\u202e\"", "\"'; drop table generations; --\"", "\"[[fail]]\"", "\"🦊\"", "\"../../etc/passwd\"", "\"http://127.0.0.1/\"", "\"https://[::1]/\"", "\"file:///etc/passwd\"",
        "\"data:image/png;base64,AAAA\"", "\"data:,\"", "\"data:image/png;base64,\"", "\"upl_00000000000000000000000000000000\"", "\"a",
    ];

    private static readonly string[] Names =
    [
        "model", "prompt", "input", "options", "duration", "n", "seed", "price", "credits", "creditsUsed", "account_id", "id", "status", "quoted", "mode", "provider", "__proto__", "", " ", "\\ud800", "Duration",
        "aspect_ratio", "aspectRatio", "image", "image_url", "image_urls", "video_url", "upscale_factor", "contentType", "sizeBytes", "webhook", "$type", "a.b", "x\\u0000y",
    ];

    private static readonly string?[] ContentTypes =
    [
        null, "application/json; charset=utf-8", "application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/vnd.api+json", "*/*", "json", ";;",
    ];

    private readonly Random _random = new(seed);

    public (string Path, byte[] Body, string? ContentType) Next()
    {
        var (path, fields) = _random.Next(100) switch
        {
            < 60 => ("/api/v1/generate", Request()),
            < 80 => ("/api/v1/estimate", Request()),
            < 90 => ("/api/v1/tools/upscale-image", Upscale("image_url", image)),
            < 94 => ("/api/v1/tools/upscale-video", Upscale("video_url", _random.Next(20) == 0 ? video : "https://127.0.0.1/a.mp4")),
            _ => ("/api/v1/upload", [new Field("contentType", "\"image/png\""), new Field("sizeBytes", "1000")]),
        };
        for (var mutations = _random.Next(4); mutations > 0; mutations--)
        {
            Mutate(fields);
        }

        var body = Encoding.UTF8.GetBytes(Write(fields));
        return (path, _random.Next(8) == 0 ? Damage(body) : body, _random.Next(20) == 0 ? Pick(ContentTypes) : "application/json");
    }

    private List<Field> Request()
    {
        var model = Pick(Ask.Catalog.Models.AsSpan());
        var parameters = model.Parameters.Where(parameter => parameter.Required || _random.Next(2) == 0)
            .Select(parameter => new Field(parameter.Name, Value(parameter))).ToList();
        var prompt = new Field("prompt", "\"A red fox runs through snow\"");
        var name = new Field("model", $"\"{(model.Aliases.Length > 0 && _random.Next(2) == 0 ? Pick(model.Aliases.AsSpan()) : model.Id)}\"");
        switch (_random.Next(3))
        {
            case 0:
                return [name, new Field("input", [prompt, .. parameters])];
            case 1:
                return [name, prompt, new Field("options", [.. parameters.Select(field => field with { Name = Camel(field.Name) })])];
            default:
                var cut = _random.Next(parameters.Count + 1);
                return [name, prompt, new Field("input", [.. parameters[..cut]]), .. parameters[cut..]];
        }
    }

    private List<Field> Upscale(string name, string url) =>
        [new Field(name, JsonSerializer.Serialize(url)), new Field("upscale_factor", Pick(["\"1\"", "\"2\"", "\"4\"", "2"]))];

    // Mostly what the model allows: only a nearly right request gets as far as a price.
    private string Value(ParameterSpec parameter)
    {
        if (parameter.Input is { } kind)
        {
            // A video is looked at by a process of its own: enough of them, not more.
            var url = JsonSerializer.Serialize(kind != InputKind.Video ? image : _random.Next(20) == 0 ? video : "https://127.0.0.1/a.mp4");
            return parameter.Type == ParameterType.String ? url : $"[{string.Join(',', Enumerable.Repeat(url, Math.Max(1, parameter.MinItems ?? 1)))}]";
        }

        return parameter.Type switch
        {
            ParameterType.Boolean => Pick(["true", "false"]),
            ParameterType.Integer when parameter.Integers.Length > 0 => Pick(parameter.Integers.AsSpan()).ToString(CultureInfo.InvariantCulture),
            ParameterType.Integer or ParameterType.Number => _random.NextInt64((long)Math.Clamp(parameter.Min ?? 0, -1e9, 1e9), (long)Math.Clamp(parameter.Max ?? 100, -1e9, 1e9) + 1).ToString(CultureInfo.InvariantCulture),
            ParameterType.String when parameter.Values.Length > 0 => $"\"{Pick(parameter.Values.AsSpan())}\"",
            ParameterType.ObjectArray => $"[{{{string.Join(',', parameter.Fields.Select(field => $"\"{field.Name}\":{Value(field)}"))}}}]",
            _ => "\"a\"",
        };
    }

    private void Mutate(List<Field> fields)
    {
        var at = _random.Next(fields.Count);
        var field = fields[at];
        if (field.Inner is { Count: > 0 } inner && _random.Next(4) > 0)
        {
            Mutate(inner);
            return;
        }

        switch (_random.Next(7))
        {
            case 0:
                fields.Add(new Field(Pick(Names), Hostile()));
                break;
            case 1:
                fields.Insert(at, field with { Json = Hostile() });
                break;
            case 2 when fields.Count > 1:
                fields.RemoveAt(at);
                break;
            case 3:
                fields[at] = field with { Name = Pick(Names) };
                break;
            default:
                fields[at] = new Field(field.Name, Hostile());
                break;
        }
    }

    private string Hostile() => _random.Next(12) switch
    {
        < 4 => Pick(Numbers),
        < 8 => Pick(Texts),
        8 => Pick(["null", "true", "false", "{}", "[]", "[[]]", "{\"a\":{}}", "[null]", "[1,\"a\",{}]", "undefined"]),
        9 => string.Concat(Enumerable.Repeat(Pick(["[", "{\"a\":"]), _random.Next(1, 60))),
        10 => Nested(_random.Next(2, 60)),
        _ when _random.Next(20) == 0 => $"[{string.Join(',', Enumerable.Repeat(Pick(["1", "\"a\"", JsonSerializer.Serialize(image)]), 2_000))}]",
        _ when _random.Next(20) == 0 => $"\"{new string('x', 30_000)}\"",
        _ => $"[{Pick(Numbers)},{Pick(Texts)}]",
    };

    private static string Nested(int depth) => string.Concat(Enumerable.Repeat("[", depth)) + string.Concat(Enumerable.Repeat("]", depth));

    private byte[] Damage(byte[] body)
    {
        switch (_random.Next(5))
        {
            case 0:
                return body[.._random.Next(body.Length)];
            case 1:
                body[_random.Next(body.Length)] = (byte)_random.Next(256);
                return body;
            case 2:
                return [.. body, .. "{}"u8];
            case 3:
                return [0xEF, 0xBB, 0xBF, .. body];
            default:
                var at = _random.Next(body.Length);
                return [.. body[..at], .. Pick<byte[]>([[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF], [0], [0xF4, 0x90, 0x80, 0x80]]), .. body[at..]];
        }
    }

    private static string Write(IEnumerable<Field> fields) => $"{{{string.Join(',', fields.Select(field => $"\"{field.Name}\":{(field.Json ?? Write(field.Inner!))}"))}}}";

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(string.Concat(name.Split('_').Select(word => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..])));

    private T Pick<T>(ReadOnlySpan<T> items) => items[_random.Next(items.Length)];

    private sealed record Field(string Name, string? Json)
    {
        public Field(string name, List<Field> inner)
            : this(name, (string?)null) => Inner = inner;

        public List<Field>? Inner { get; init; }
    }
}
