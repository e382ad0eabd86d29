using Microsoft.AspNetCore.Http;

namespace Zoetrope.Tests.Fixtures;

/// <summary>How servers answer that mean no good; each ends when the client has had enough.</summary>
internal static class HostileAnswers
{
    private static readonly TimeSpan Drop = TimeSpan.FromMilliseconds(20);

    /// <summary>Nothing, for ever.</summary>
    public static Task NeverAsync(HttpContext context) =>
        Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);

    /// <summary>The same again and again, as fast as it is taken or a drop at a time.</summary>
    public static async Task EndlessAsync(HttpContext context, ReadOnlyMemory<byte> chunk, bool drips = false)
    {
        try
        {
            await DripAsync(context.Response.Body, chunk, drips ? Drop : null, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>A drop at a time, until the other side has had enough.</summary>
    public static Task DripAsync(Stream stream) => DripAsync(stream, "."u8.ToArray(), Drop, CancellationToken.None);

    private static async Task DripAsync(Stream stream, ReadOnlyMemory<byte> chunk, TimeSpan? pause, CancellationToken enough)
    {
        try
        {
            while (!enough.IsCancellationRequested)
            {
                await stream.WriteAsync(chunk, enough);
                if (pause is { } time)
                {
                    await stream.FlushAsync(enough);
                    await Task.Delay(time, TimeProvider.System, enough);
                }
            }
        }
        catch (IOException)
        {
        }
    }
}
