using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>
/// Streams of Server-Sent Events. A stream reads on only after the reader has taken what was sent: what waits for a slow reader
/// is the log on the disk, and a reader that reads nothing is disconnected.
/// </summary>
internal sealed class EventStreams(
    Authenticator authenticator, TaskFrames frames, StreamOptions options, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>How long whoever has no access any more may still listen.</summary>
    private static readonly TimeSpan KeyCheck = TimeSpan.FromSeconds(5);

    /// <summary>A comment: programs pass over it, and people who look why it ended find out. The next request is refused with 401.</summary>
    private const string Farewell = ": The stream ends: its API key or access token was revoked or has expired.\n\n";

    public async Task RunAsync(HttpContext context, GenerationFeed feed, bool endsWithTask)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await RunAsync(context, feed, endsWithTask, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The reader has left, or the server is stopping: the reader resumes at its cursor.
        }
        catch (TimeoutException)
        {
            context.Abort();
        }
    }

    private async Task RunAsync(HttpContext context, GenerationFeed feed, bool endsWithTask, CancellationToken cancellationToken)
    {
        var start = feed.Cursor;
        var news = await feed.ReadAsync();
        if (endsWithTask && news.Count == 0 && await feed.IsOverAsync())
        {
            // To a browser this says: do not connect again.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var body = new EventBody(context, options.SendTimeout, time);
        body.Begin(start);
        var sentAt = time.GetTimestamp();
        var checkedAt = sentAt;
        await body.SendAsync(cancellationToken);
        if (HeadRequests.IsHead(context))
        {
            return;
        }

        while (true)
        {
            if (time.GetElapsedTime(checkedAt) >= KeyCheck)
            {
                checkedAt = time.GetTimestamp();
                if (!await authenticator.StillWorksAsync(context.Caller()))
                {
                    body.Write(Farewell);
                    await body.SendAsync(cancellationToken);
                    return;
                }
            }

            foreach (var item in news)
            {
                await body.WriteAsync(await frames.OfAsync(item), cancellationToken);
            }

            if (news.Count > 0)
            {
                await body.SendAsync(cancellationToken);
                sentAt = time.GetTimestamp();
            }

            if (feed.Ended)
            {
                return;
            }

            if (time.GetElapsedTime(sentAt) >= options.Heartbeat)
            {
                body.Write(":\n\n");
                await body.SendAsync(cancellationToken);
                sentAt = time.GetTimestamp();
            }

            await feed.WaitAsync(options.Heartbeat < KeyCheck ? options.Heartbeat : KeyCheck, cancellationToken);
            news = await feed.ReadAsync();
        }
    }
}
