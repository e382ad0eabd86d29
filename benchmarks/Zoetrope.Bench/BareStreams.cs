using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Zoetrope.Bench;

/// <summary>
/// The least that Server-Sent Events cost on this platform: the same Kestrel writes the same bytes to everybody who
/// listens, with no authentication, no database and no log behind it.
/// </summary>
internal static class BareStreams
{
    public const string Command = "--bare-streams";

    public static async Task RunAsync(string url)
    {
        var readers = new ConcurrentDictionary<ChannelWriter<byte[]>, bool>();
        await using var app = BaselineServer.Bare(url).Build();
        app.MapGet("/api/v1/events", async context =>
        {
            var channel = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
            readers[channel.Writer] = true;
            context.Response.ContentType = "text/event-stream";
            await context.Response.BodyWriter.WriteAsync("retry: 2000\nid: 0\n\n"u8.ToArray());
            await foreach (var frame in channel.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.BodyWriter.WriteAsync(frame);
            }
        });
        app.MapPost("/publish", async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            var frame = Encoding.UTF8.GetBytes(await body.ReadToEndAsync());
            foreach (var reader in readers.Keys)
            {
                reader.TryWrite(frame);
            }
        });
        await app.StartAsync();
        Console.WriteLine("ready");
        await app.WaitForShutdownAsync();
    }

    public static Task<(ServerChild Child, Uri Address)> StartAsync() => ServerChild.StartOwnAsync(Command);
}
