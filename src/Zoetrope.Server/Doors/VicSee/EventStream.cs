using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>
/// One open stream of Server-Sent Events. It reads on only after the reader has taken what was sent: what waits for a slow
/// reader is the log on the disk, and a reader that takes nothing is disconnected.
/// </summary>
internal sealed class EventStream(
    HttpContext context, GenerationFeed feed, TaskWriter tasks, Authenticator authenticator, StreamOptions options, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>How long a revoked key may still listen.</summary>
    private static readonly TimeSpan KeyCheck = TimeSpan.FromSeconds(5);

    // What was written and not sent is held in memory for each reader.
    private const int MostUnsent = 16 * 1024;

    private readonly PipeWriter _body = context.Response.BodyWriter;

    public async Task RunAsync(bool endsWithTask)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await RunAsync(endsWithTask, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The reader has gone, or the server goes: the reader resumes at its cursor.
        }
        catch (TimeoutException)
        {
            context.Abort();
        }
    }

    private async Task RunAsync(bool endsWithTask, CancellationToken cancellationToken)
    {
        var start = feed.Cursor;
        var news = await feed.ReadAsync();
        if (endsWithTask && news.Count == 0 && await feed.IsOverAsync())
        {
            // To a browser this says: do not connect again.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        Begin(start);
        var sentAt = time.GetTimestamp();
        var checkedAt = sentAt;
        await SendAsync(cancellationToken);
        while (true)
        {
            if (time.GetElapsedTime(checkedAt) >= KeyCheck)
            {
                checkedAt = time.GetTimestamp();
                var known = await authenticator.AuthenticateAsync(context.Request.Headers.Authorization, context.Connection.RemoteIpAddress, Scopes.Read);
                if (known.Problem is not null)
                {
                    return;
                }
            }

            foreach (var item in news)
            {
                _body.Write(item.Frame ??= Frame(item, item.Task is { } task ? await tasks.TaskAsync(task, item.Progress) : Encoding.UTF8.GetBytes(item.Payload!)));
                if (_body.UnflushedBytes > MostUnsent)
                {
                    await SendAsync(cancellationToken);
                }
            }

            if (news.Count > 0)
            {
                await SendAsync(cancellationToken);
                sentAt = time.GetTimestamp();
            }

            if (feed.Ended)
            {
                return;
            }

            if (time.GetElapsedTime(sentAt) >= options.Heartbeat)
            {
                Write(":\n\n");
                await SendAsync(cancellationToken);
                sentAt = time.GetTimestamp();
            }

            await feed.WaitAsync(options.Heartbeat < KeyCheck ? options.Heartbeat : KeyCheck, cancellationToken);
            news = await feed.ReadAsync();
        }
    }

    private void Begin(long start)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        // no-transform keeps a proxy from compressing, which would gather; the other is nginx's word for the same.
        response.Headers.CacheControl = "no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // The place to resume at is known before the first event.
        Write(string.Create(CultureInfo.InvariantCulture, $"retry: 2000\nid: {start}\n\n"));
    }

    private static byte[] Frame(FeedEvent item, byte[] data)
    {
        // A line break would end the field; inside JSON it can only be white space.
        data.AsSpan().Replace((byte)'\n', (byte)' ');
        data.AsSpan().Replace((byte)'\r', (byte)' ');
        var id = item.Seq is { } seq ? string.Create(CultureInfo.InvariantCulture, $"id: {seq}\n") : "";
        return [.. Encoding.UTF8.GetBytes($"{id}event: {item.Type}\ndata: "), .. data, .. "\n\n"u8];
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, _body);

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        var flushing = _body.FlushAsync(cancellationToken);
        if (flushing.IsCompletedSuccessfully)
        {
            if (flushing.Result.IsCompleted)
            {
                throw new OperationCanceledException(context.RequestAborted);
            }

            return;
        }

        await flushing.AsTask().WaitAsync(options.SendTimeout, time, cancellationToken);
    }
}
