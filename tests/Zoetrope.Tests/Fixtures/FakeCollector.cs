using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Zoetrope.Tests.Fixtures;

/// <summary>One span as a collector gets it.</summary>
/// <param name="Instance">The process that sent it.</param>
/// <param name="Attributes">Texts and whole numbers.</param>
internal sealed record CollectedSpan(
    string Instance, string TraceId, string SpanId, string ParentId, string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A collector of spans over OTLP's http/protobuf: reads as much of a message as the tests ask about.</summary>
internal sealed class FakeCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeCollector(WebApplication app) => _app = app;

    public ConcurrentQueue<CollectedSpan> Spans { get; } = new();

    /// <summary>All bytes that came, as text: what must not be there is not there in any field.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    public Uri Address => new(_app.Urls.First());

    public static async Task<FakeCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var collector = new FakeCollector(app);
        app.MapPost("/v1/traces", collector.TakeAsync);
        await app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Bodies.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
        foreach (var resource in Fields(body.ToArray()).Where(static field => field.Number == 1))
        {
            var parts = Fields(resource.Bytes).ToList();
            var instance = parts.Where(static field => field.Number == 1).SelectMany(static field => Attributes(field.Bytes, 1))
                .FirstOrDefault(static pair => pair.Key == "service.instance.id").Value ?? "";
            foreach (var span in parts.Where(static field => field.Number == 2).SelectMany(static scope => Fields(scope.Bytes)).Where(static field => field.Number == 2))
            {
                Spans.Enqueue(Span(instance, span.Bytes));
            }
        }

        context.Response.ContentType = "application/x-protobuf";
    }

    private static CollectedSpan Span(string instance, byte[] bytes)
    {
        var fields = Fields(bytes).ToList();
        byte[] Of(int number) => fields.Find(field => field.Number == number).Bytes ?? [];
        return new CollectedSpan(
            instance,
            Convert.ToHexStringLower(Of(1)),
            Convert.ToHexStringLower(Of(2)),
            Convert.ToHexStringLower(Of(4)),
            Encoding.UTF8.GetString(Of(5)),
            Attributes(bytes, 9).ToDictionary());
    }

    // key = 1, value = 2 with a text (1) or a whole number (3).
    private static IEnumerable<KeyValuePair<string, string>> Attributes(byte[] bytes, int number)
    {
        foreach (var attribute in Fields(bytes).Where(field => field.Number == number))
        {
            var pair = Fields(attribute.Bytes).ToList();
            var value = Fields(pair.Find(static field => field.Number == 2).Bytes).FirstOrDefault();
            yield return KeyValuePair.Create(
                Encoding.UTF8.GetString(pair.Find(static field => field.Number == 1).Bytes),
                value.Number == 1 ? Encoding.UTF8.GetString(value.Bytes) : $"{value.Value}");
        }
    }

    // The wire of protobuf: a field's number and kind, then a number, eight bytes, four bytes or as many as are said.
    private static IEnumerable<(int Number, ulong Value, byte[] Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Number(message, ref at);
            var (value, bytes) = (0UL, Array.Empty<byte>());
            switch (key & 7)
            {
                case 0:
                    value = Number(message, ref at);
                    break;
                case 1:
                    value = BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at));
                    at += 8;
                    break;
                case 5:
                    value = BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at));
                    at += 4;
                    break;
                default:
                    var length = (int)Number(message, ref at);
                    bytes = message[at..(at + length)];
                    at += length;
                    break;
            }

            yield return ((int)(key >> 3), value, bytes);
        }
    }

    private static ulong Number(byte[] message, ref int at)
    {
        var number = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }
    }
}
