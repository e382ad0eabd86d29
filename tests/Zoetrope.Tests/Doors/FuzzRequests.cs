using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Tests.Doors;

/// <summary>One request as it goes over the line; the body is null for those without.</summary>
internal sealed record FuzzRequest(string Method, string Target, string? Type, byte[]? Body, IReadOnlyList<(string Name, string Value)> Headers, bool IsOperators)
{
    public override string ToString() =>
        $"{Method} {Target}\n{string.Join('\n', Headers.Select(header => $"{header.Name}: {header.Value}"))}\nContent-Type: {Type}\n\n{(Body is null ? "" : Encoding.Latin1.GetString(Body.AsSpan(0, Math.Min(Body.Length, 2_000))))}";
}

/// <summary>
/// Requests to every door that are right in most places and hostile in some: what is known to break readers of JSON, forms, parts, queries
/// and headers, put where values are. The same seed gives the same requests.
/// </summary>
internal sealed class FuzzRequests(int seed, string task, string image)
{
    private static readonly string[] Texts =
    [
        "", " ", "\0", "a\0b", "\ud800", "\udc00\ud800", "\u202e", "\u200b", "\ufeff", "\uffff", "🦊", "é", "x' or 1=1 --", "'; drop table generations; --", "%00", "%", "%ZZ", "../../etc/passwd", "file:///etc/passwd", "http://127.0.0.1/", "https://[::1]/", "https://", "://",
        "data:,", "data:image/png;base64,", "data:image/png;base64,AAA", "javascript:alert(1)", "-1", "0", "1e308", "1e999", "-Infinity", "Infinity", "NaN", "9223372036854775808", "-9223372036854775809", "0x10", "1.0", "null", "true", "[]", "[\"a\"]", "{}", "[[[[", "\r\n", "\t", "🏳️‍🌈", "{\"a\":1}",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2030-02-30T00:00:00Z", "task_00000000000000000000000000", "whe_00000000000000000000000000", "art_00000000000000000000000000", "upl_0", "\u0001", "\u007f", "*", "W/\"a\"", "\"", "bytes=0-", "bytes=-0", "bytes=9-1", "a=1;q=x",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1.5", "1e308", "-1e308", "1e999", "-1e999", "1E-999", "9007199254740993", "9223372036854775807", "9223372036854775808", "123456789012345678901234567890123456789012345678901234567890", "[]", "{}", "[null]", "[[]]", "{\"a\":{}}", "[1,\"a\",{}]",
        "{\"url\":\"x\"}", "\"\\u0000\"", "\"a\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "NaN", "Infinity", "-Infinity", "undefined", "'a'", "01", "+1", ".5", "1.", "\"\\x\"", "\"\\u12\"", "\"", "[", "{", ",", "",
    ];

    private static readonly string[] Names =
    [
        "model", "prompt", "input", "options", "webhookUrl", "url", "events", "image", "image_url", "image_urls", "n", "size", "seconds", "id", "method", "params", "arguments", "name", "_meta", "jsonrpc", "__proto__", "", " ", "\\u0000", "\\ud800", "$type", "a.b", "a[b]",
    ];

    private static readonly (string Method, string Path, string? Body)[] Json =
    [
        ("POST", "/api/v1/generate", """{"model":"nano-banana-text-to-image","prompt":"a","input":{"aspect_ratio":"16:9","seed":1},"options":{"aspectRatio":"16:9"},"webhookUrl":"https://example.com/h"}"""),
        ("POST", "/api/v1/estimate", """{"model":"nano-banana-image-to-image","prompt":"a","input":{"image_urls":["IMAGE"]}}"""),
        ("POST", "/api/v1/estimate", """{"model":"kling-3-0-text-to-video","prompt":"a","input":{"duration":5,"aspect_ratio":"16:9","multi_prompt":[{"prompt":"a","duration":5}]}}"""),
        ("POST", "/api/v1/batches", """{"requests":[{"model":"nano-banana-text-to-image","prompt":"a","input":{"aspect_ratio":"1:1"}},{"model":"seedance-2-0-text-to-video","prompt":"b","options":{"duration":5}}],"webhookUrl":"https://example.com/h"}"""),
        ("POST", "/api/v1/tools/upscale-image", """{"image_url":"IMAGE","upscale_factor":"2","webhookUrl":"https://example.com/h"}"""),
        ("POST", "/api/v1/tools/upscale-video", """{"video_url":"https://127.0.0.1/a.mp4","upscale_factor":"2"}"""),
        ("POST", "/api/v1/upload", """{"contentType":"image/png","sizeBytes":1000}"""),
        ("POST", "/api/v1/webhooks", """{"url":"https://example.com/h","events":["task.completed"],"description":"a"}"""),
        ("PATCH", "/api/v1/webhooks/whe_00000000000000000000000000", """{"url":"https://example.com/h","events":["*"],"description":"a"}"""),
        ("POST", "/api/v1/webhooks/whe_00000000000000000000000000/redeliver", """{"from":"2030-01-31T00:00:00Z","to":"2030-02-01T00:00:00Z","state":"failed"}"""),
        ("PUT", "/api/v1/credits/alert", """{"below":500}"""),
        ("POST", "/v1/images/generations", """{"model":"nano-banana-pro","prompt":"a","n":1,"size":"1024x1024","quality":"high","response_format":"url","background":"auto","output_format":"png","user":"u","stream":false}"""),
        ("POST", "/v1/images/edits", """{"model":"nano-banana","prompt":"a","image":"IMAGE","images":[{"image_url":"IMAGE"},{"image_url":{"url":"IMAGE"}}],"n":1,"mask":null}"""),
        ("POST", "/v1/videos", """{"model":"seedance-2-0-mini","prompt":"a","seconds":"4","size":"848x480","input_reference":{"image_url":"IMAGE"}}"""),
        ("POST", "/oauth/register", """{"redirect_uris":["https://client.example/cb"],"client_name":"A","token_endpoint_auth_method":"none","grant_types":["authorization_code"]}"""),
        ("POST", "/mcp", """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{"roots":{}},"clientInfo":{"name":"a","version":"1"}}}"""),
        ("POST", "/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"a","_meta":{"progressToken":1}}}"""),
        ("POST", "/mcp", """{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"vicsee_generate","arguments":{"model":"nano-banana-text-to-image","prompt":"a","aspect_ratio":"1:1","extra":{"seed":1},"idempotency_key":"k","image_urls":null},"_meta":{"progressToken":"p"}}}"""),
        ("POST", "/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"estimate","arguments":{"model":"nano-banana-image-to-image","prompt":"a","image_urls":["IMAGE"]}}}"""),
        ("POST", "/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tasks","arguments":{"status":"pending","model":"m","type":"image","limit":5,"cursor":null}}}"""),
        ("POST", "/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"vicsee_get_task","arguments":{"task_id":"TASK","wait_seconds":0}}}"""),
        ("POST", "/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"vicsee_list_models","arguments":{"type":"image","model":"nano-banana-pro-text-to-image"}}}"""),
        ("POST", "/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"vicsee_upscale_image","arguments":{"image_url":"IMAGE","upscale_factor":"2","idempotency_key":"u"}}}"""),
        ("POST", "/mcp", """{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"task://TASK"}}"""),
        ("POST", "/", """{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"TASK"}}"""),
        ("POST", "/admin/v1/accounts", """{"name":"A","plan":"pro"}"""),
        ("POST", "/admin/v1/accounts/acct_00000000000000000000000000/grants", """{"mode":"test","amount":5,"reason":"a","reference":"r"}"""),
        ("POST", "/admin/v1/accounts/acct_00000000000000000000000000/keys", """{"name":"A","mode":"test","scopes":["read"],"requestsPerMinute":5,"expiresAt":"2030-01-31T00:00:00Z"}"""),
        ("POST", "/hooks/sandbox/a", """{"a":1}"""),
    ];

    private static readonly (string Path, string[] Query)[] Reads =
    [
        ("/api/v1/tasks", ["status", "model", "type", "limit", "cursor"]), ("/api/v1/tasks/TASK", ["wait"]), ("/api/v1/tasks/TASK/download", ["mode"]), ("/api/v1/tasks/TASK/events", ["after"]), ("/api/v1/events", ["after"]), ("/api/v1/batches", ["limit", "cursor"]),
        ("/api/v1/models", ["type"]), ("/api/v1/credits", []), ("/api/v1/ledger", ["limit", "cursor", "type"]), ("/api/v1/webhooks", ["x"]), ("/api/v1/webhooks/whe_00000000000000000000000000/deliveries", ["limit", "cursor", "state"]), ("/v1/models", ["x"]), ("/v1/models/nano-banana", []),
        ("/v1/videos", ["after", "limit", "order"]), ("/v1/videos/TASK", ["x"]), ("/v1/videos/TASK/content", ["variant"]), ("/files/art_00000000000000000000000000/a.png", ["exp", "sig", "dl"]), ("/files/upl_0", ["x"]), ("/admin/v1/accounts", ["limit", "cursor"]), ("/admin/v1/ledger/audit", ["format"]),
        ("/oauth/authorize", ["client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method", "resource", "scope", "prompt", "request", "request_uri"]), ("/.well-known/oauth-protected-resource", ["x"]), ("/.well-known/openid-configuration", ["x"]), ("/oauth/jwks", ["x"]), ("/", ["x"]), ("/docs", ["x"]),
        ("/openapi/v1.json", ["x"]), ("/health/ready", ["x"]),
    ];

    private static readonly (string Path, string[] Fields)[] Forms =
    [
        ("/oauth/token", ["grant_type=authorization_code", "client_id=client_00000000000000000000000000", "code=x", "redirect_uri=https://client.example/cb", "code_verifier=x", "resource=x", "scope=read"]),
        ("/token", ["grant_type=refresh_token", "client_id=client_00000000000000000000000000", "refresh_token=x"]),
        ("/oauth/revoke", ["token=x", "token_type_hint=access_token", "client_id=client_00000000000000000000000000"]),
        ("/oauth/authorize", ["client_id=client_00000000000000000000000000", "response_type=code", "redirect_uri=https://client.example/cb", "code_challenge=x", "code_challenge_method=S256", "decision=allow", "password=x", "spend_per_day=5", "ask_above=x"]),
    ];

    private static readonly string[] Headers =
    [
        "Idempotency-Key", "Zoetrope-Confirm-Credits", "Last-Event-ID", "Range", "If-Range", "If-Match", "If-None-Match", "Accept", "Accept-Encoding", "Accept-Language", "Origin", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Mcp-Session-Id", "MCP-Protocol-Version", "Content-Encoding",
        "Cookie", "User-Agent", "Referer", "Expect", "X-HTTP-Method-Override", "traceparent", "Authorization",
    ];

    private static readonly string?[] Types =
    [
        "application/json", "application/json; charset=utf8", "application/json;charset=\"", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=x", "text/plain", "application/vnd.api+json", "/", ";;", null,
    ];

    private readonly Random _random = new(seed);

    public FuzzRequest Next()
    {
        var request = _random.Next(20) switch
        {
            < 10 => OfJson(),
            < 15 => OfQuery(),
            < 17 => OfForm(),
            _ => OfParts(),
        };
        var headers = Enumerable.Range(0, _random.Next(3)).Select(_ => (Pick(Headers), Header())).ToList();
        return request with
        {
            Target = request.Target.Replace("TASK", task, StringComparison.Ordinal),
            Headers = headers,
            Type = request.Body is not null && _random.Next(25) == 0 ? Pick(Types) : request.Type,
            IsOperators = request.Target.StartsWith("/admin", StringComparison.Ordinal),
        };
    }

    private FuzzRequest OfJson()
    {
        var (method, path, template) = Pick(Json);
        var text = template!.Replace("IMAGE", image, StringComparison.Ordinal).Replace("TASK", task, StringComparison.Ordinal);
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            text = Mutate(text);
        }

        var body = Encoding.UTF8.GetBytes(text);
        return new FuzzRequest(method, path, "application/json", _random.Next(12) == 0 ? Damage(body) : body, [], false);
    }

    // Values are found in the text itself: what was broken once can be broken again.
    private string Mutate(string json)
    {
        var places = PlacesOf(json);
        if (places.Count == 0)
        {
            return json;
        }

        var (start, end) = Pick(places);
        var value = json[start..end];
        var hostile = _random.Next(10) switch
        {
            0 => string.Concat(Enumerable.Repeat("[", _random.Next(1, 80))),
            1 => string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40),
            2 => $"{value},\"{Pick(Names)}\":{Pick(Values)}",
            3 => $"\"{new string('x', _random.Next(1, 40_000))}\"",
            4 => $"[{string.Join(',', Enumerable.Repeat(value, _random.Next(0, 40)))}]",
            5 => JsonSerializer.Serialize(value),
            < 8 => Text(Pick(Texts)),
            _ => Pick(Values),
        };
        return string.Concat(json.AsSpan(0, start), hostile, json.AsSpan(end));
    }

    private static string Text(string text) =>
        $"\"{string.Concat(text.Select(c => c is '"' or '\\' ? $"\\{c}" : c < ' ' || char.IsSurrogate(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString()))}\"";

    /// <summary>Where the strings and numbers of a text are that were written by the templates.</summary>
    private static List<(int Start, int End)> PlacesOf(string json)
    {
        var places = new List<(int, int)>();
        for (var i = 0; i < json.Length; i++)
        {
            var start = i;
            if (json[i] == '"')
            {
                for (i++; i < json.Length && json[i] != '"'; i++)
                {
                    i += json[i] == '\\' ? 1 : 0;
                }

                places.Add((start, Math.Min(i + 1, json.Length)));
            }
            else if (char.IsAsciiLetterOrDigit(json[i]) || json[i] is '-')
            {
                for (; i < json.Length && (char.IsAsciiLetterOrDigit(json[i]) || json[i] is '-' or '.' or '+'); i++)
                {
                }

                places.Add((start, i));
                i--;
            }
        }

        return places;
    }

    private byte[] Damage(byte[] body) => _random.Next(4) switch
    {
        0 => body[.._random.Next(body.Length)],
        1 => [.. body, .. body],
        2 => [0xEF, 0xBB, 0xBF, .. body],
        _ => [.. body[..(body.Length / 2)], .. Pick<byte[]>([[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF], [0], [0xF4, 0x90, 0x80, 0x80]]), .. body[(body.Length / 2)..]],
    };

    private FuzzRequest OfQuery()
    {
        var (path, names) = Pick(Reads);
        var query = string.Join('&', Enumerable.Range(0, _random.Next(4)).Select(_ => $"{(names.Length == 0 || _random.Next(8) == 0 ? Escape(Pick(Texts)) : Pick(names))}={Escape(Pick(Texts))}"));
        var hostilePath = _random.Next(10) == 0 ? path.Replace("TASK", Escape(Pick(Texts)), StringComparison.Ordinal) : path;
        var method = _random.Next(10) switch { 0 => "HEAD", 1 => "DELETE", 2 => "OPTIONS", 3 when path.StartsWith("/api/v1/w", StringComparison.Ordinal) => "POST", _ => "GET" };
        return new FuzzRequest(method == "DELETE" && hostilePath.Contains("TASK", StringComparison.Ordinal) ? "GET" : method, query.Length == 0 ? hostilePath : $"{hostilePath}?{query}", null, null, [], false);
    }

    private FuzzRequest OfForm()
    {
        var (path, fields) = Pick(Forms);
        var kept = fields.Where(_ => _random.Next(6) > 0)
            .Select(field => _random.Next(4) == 0 ? $"{field.Split('=')[0]}={Escape(Pick(Texts))}" : field)
            .Concat(_random.Next(4) == 0 ? [$"{Escape(Pick(Texts))}={Escape(Pick(Texts))}"] : []);
        return new FuzzRequest("POST", path, "application/x-www-form-urlencoded", Encoding.UTF8.GetBytes(string.Join('&', kept)), [], false);
    }

    private FuzzRequest OfParts()
    {
        var (path, names) = Pick<(string, string[])>([("/v1/images/edits", ["model", "prompt", "image", "image[]", "image[0]", "mask", "n", "size", "quality", "response_format", "user"]), ("/v1/images/generations", ["model", "prompt", "n", "size", "stream"]), ("/v1/videos", ["model", "prompt", "seconds", "size", "input_reference", "input_reference[image_url]"])]);
        var body = new StringBuilder();
        foreach (var name in names.Where(_ => _random.Next(4) > 0).Append(Pick(Names)))
        {
            var value = name switch { "model" when _random.Next(5) > 0 => path == "/v1/videos" ? "seedance-2-0-mini" : "nano-banana", "prompt" when _random.Next(5) > 0 => "a", _ => Pick(Texts) };
            var file = _random.Next(5) == 0 ? $"; filename=\"{Pick(Texts).Replace("\r\n", "", StringComparison.Ordinal)}\"" : "";
            var type = _random.Next(6) == 0 ? $"Content-Type: {Pick(["image/png", "text/plain", "application/octet-stream", ""])}\r\n" : "";
            body.Append(CultureInfo.InvariantCulture, $"--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n{type}\r\n{value}\r\n");
        }

        body.Append(_random.Next(10) == 0 ? "" : "--x--\r\n");
        return new FuzzRequest("POST", path, "multipart/form-data; boundary=x", Encoding.UTF8.GetBytes(body.ToString()), [], false);
    }

    // A header is one line; what is no ASCII goes as the bytes of Latin-1.
    private string Header()
    {
        var text = string.Concat(Pick(Texts).Where(c => c is >= ' ' and <= '\u00ff' and not '\u007f'));
        return _random.Next(12) == 0 ? new string('x', _random.Next(1, 2_000)) : text;
    }

    private static string Escape(string text) => string.Concat(Encoding.UTF8.GetBytes(text.Replace("\ud800", "\ufffd", StringComparison.Ordinal)).Select(b => char.IsAsciiLetterOrDigit((char)b) ? ((char)b).ToString() : string.Create(CultureInfo.InvariantCulture, $"%{b:X2}")));

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];
}
