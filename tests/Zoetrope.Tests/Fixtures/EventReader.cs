using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Zoetrope.Tests.Fixtures;

/// <summary>An event as it arrived.</summary>
internal sealed record SeenEvent(string Type, long? Id, JsonElement Task)
{
    public string TaskId => Task.GetProperty("id").GetString()!;
}

/// <summary>A listener of an event stream; disposing it breaks the connection off.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Until.Patience;
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    private readonly HttpResponseMessage _response;
    private readonly CancellationTokenSource _patience = new(Patience);
    private readonly IAsyncEnumerator<SseItem<string>> _items;
    private readonly SseParser<string> _parser;

    private EventReader(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _parser = SseParser.Create(body);
        _items = _parser.EnumerateAsync(_patience.Token).GetAsyncEnumerator();
    }

    public HttpResponseMessage Response => _response;

    /// <summary>Where a reader that came so far resumes.</summary>
    public string Cursor => _parser.LastEventId;

    public static async Task<EventReader> OpenAsync(ZoetropeApi api, Customer customer, string path, string? lastEventId = null)
    {
        var reader = await TryOpenAsync(api, customer, path, lastEventId);
        Assert.NotNull(reader);
        return reader;
    }

    /// <summary>Null where the server refuses.</summary>
    public static async Task<EventReader?> TryOpenAsync(ZoetropeApi api, Customer customer, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api.Address, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer.Key);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if ((int)response.StatusCode is not (200 or 204))
        {
            response.Dispose();
            return null;
        }

        return new EventReader(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; null where the server has ended the stream.</summary>
    public async Task<SeenEvent?> NextAsync()
    {
        if (!await _items.MoveNextAsync())
        {
            return null;
        }

        var item = _items.Current;
        return new SeenEvent(item.EventType, item.EventType == "task.progress" ? null : long.Parse(_parser.LastEventId), JsonDocument.Parse(item.Data).RootElement);
    }

    /// <summary>Reads on until it is enough, and returns everything read.</summary>
    public async Task<List<SeenEvent>> ThroughAsync(Func<List<SeenEvent>, bool> enough, [CallerArgumentExpression(nameof(enough))] string what = "")
    {
        var seen = new List<SeenEvent>();
        while (seen.Count == 0 || !enough(seen))
        {
            SeenEvent? next;
            try
            {
                next = await NextAsync();
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The stream was open for {Patience} and did not show {what}. {Seen(seen)}");
            }

            seen.Add(next ?? throw new InvalidOperationException($"The server ended the stream before {what}. {Seen(seen)}"));
        }

        return seen;
    }

    /// <summary>The next event that is wanted; the ones before it are dropped.</summary>
    public async Task<SeenEvent> FindAsync(Func<SeenEvent, bool> wanted, [CallerArgumentExpression(nameof(wanted))] string what = "") =>
        (await ThroughAsync(seen => wanted(seen[^1]), what))[^1];

    public async Task<List<SeenEvent>> TakeAsync(int count) => count == 0 ? [] : await ThroughAsync(seen => seen.Count >= count, $"{count} events");

    public async Task<List<SeenEvent>> AllAsync()
    {
        var all = new List<SeenEvent>();
        while (await NextAsync() is { } next)
        {
            all.Add(next);
        }

        return all;
    }

    private static string Seen(List<SeenEvent> seen) =>
        $"Seen: {seen.Count} events, the last of them\n{string.Join('\n', seen.TakeLast(10).Select(item => $"{item.Type} {item.Task}"))}";

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        await _items.DisposeAsync();
        _patience.Dispose();
    }
}
