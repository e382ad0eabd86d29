using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>
/// The answer that a stream is written to; a reader that does not read it in time is dropped with a
/// <see cref="TimeoutException"/>.
/// </summary>
internal sealed class EventBody(HttpContext context, TimeSpan sendTimeout, TimeProvider time)
{
    // What was written and not sent is held in memory for each reader.
    private const int MostUnsent = 16 * 1024;

    private readonly PipeWriter _body = context.Response.BodyWriter;

    public void Begin(long start)
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

    public void Write(string text) => Encoding.UTF8.GetBytes(text, _body);

    public ValueTask WriteAsync(byte[] frame, CancellationToken cancellationToken)
    {
        _body.Write(frame);
        return _body.UnflushedBytes > MostUnsent ? SendAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    public async ValueTask SendAsync(CancellationToken cancellationToken)
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

        await flushing.AsTask().WaitAsync(sendTimeout, time, cancellationToken);
    }
}
