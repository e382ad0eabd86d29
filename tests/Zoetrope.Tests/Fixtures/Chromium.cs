using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zoetrope.Tests.Fixtures;

/// <summary>One page of a real browser without a window, spoken to by its own protocol (CDP). Tests that need it are skipped without one.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Announced = "DevTools listening on ";

    private readonly TemporaryDirectory _directory = new();
    private readonly ClientWebSocket _socket = new();
    private readonly List<string> _console = [];
    private ChildProcess? _process;
    private string? _session;
    private int _last;

    /// <summary>What the pages complained about, a refused script or style above all.</summary>
    public IReadOnlyList<string> Console => _console;

    public static async Task<Chromium> StartAsync()
    {
        var chromium = new Chromium();
        await chromium.OpenAsync();
        return chromium;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directory.Dispose();
    }

    /// <summary>A command to the page and its result.</summary>
    public async Task<JsonElement> SendAsync(string method, object? parameters = null)
    {
        var id = ++_last;
        using var patience = new CancellationTokenSource(Until.Patience);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = JsonSerializer.SerializeToNode(parameters ?? new { }) };
        if (_session is not null)
        {
            message["sessionId"] = _session;
        }

        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, patience.Token);
        while (true)
        {
            var answer = await ReceiveAsync(patience.Token);
            if (answer.TryGetProperty("id", out var of) && of.GetInt32() == id)
            {
                return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{method}: {answer}");
            }
        }
    }

    /// <summary>What an expression of the page comes to, a promise included.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true, userGesture = true });
        return !answer.TryGetProperty("exceptionDetails", out var fault)
            ? answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default
            : throw new InvalidOperationException($"{expression}: {fault}");
    }

    /// <summary>Until the page is as wanted; an expression that throws while another page loads is not.</summary>
    public Task HoldsAsync(string expression) => Until.HoldsAsync(
        async () => (await EvaluateAsync($"(() => {{ try {{ return !!({expression}); }} catch {{ return false; }} }})()")).ValueKind == JsonValueKind.True, what: expression);

    public async Task GoAsync(Uri address)
    {
        await SendAsync("Page.navigate", new { url = address.AbsoluteUri });
        await HoldsAsync($"document.readyState === 'complete' && location.href.startsWith('{address.GetLeftPart(UriPartial.Path)}')");
    }

    private async Task OpenAsync()
    {
        string[] arguments =
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-port=0", $"--user-data-dir={_directory.Path}", "about:blank",
        ];
        _process = ChildProcess.TryStart("chromium", arguments) ?? ChildProcess.TryStart("google-chrome", arguments);
        Assert.SkipWhen(_process is null, "There is no Chromium on this machine.");
        var line = await _process!.LineAsync(static said => said.StartsWith(Announced, StringComparison.Ordinal), Until.Patience);
        await _socket.ConnectAsync(new Uri(line[Announced.Length..]), TestContext.Current.CancellationToken);
        var targets = (await SendAsync("Target.getTargets")).GetProperty("targetInfos").EnumerateArray();
        var page = targets.First(target => target.GetProperty("type").GetString() == "page").GetProperty("targetId").GetString();
        _session = (await SendAsync("Target.attachToTarget", new { targetId = page, flatten = true })).GetProperty("sessionId").GetString();
        await SendAsync("Page.enable");
        await SendAsync("Runtime.enable");
        await SendAsync("Log.enable");
    }

    private async Task<JsonElement> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[1 << 16];
        WebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer, cancellationToken);
            whole.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        var message = JsonDocument.Parse(whole.ToArray()).RootElement;
        if (message.TryGetProperty("method", out var method) && method.GetString() is "Log.entryAdded" or "Runtime.exceptionThrown")
        {
            // Recommendations are verbose; what was refused is not.
            var said = message.GetProperty("params");
            if (!said.TryGetProperty("entry", out var entry) || entry.GetProperty("level").GetString() is "warning" or "error")
            {
                _console.Add(said.GetRawText());
            }
        }

        return message;
    }
}
