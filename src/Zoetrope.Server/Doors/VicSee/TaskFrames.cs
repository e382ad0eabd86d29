using System.Globalization;
using System.Text;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>Events as they go over the line; each is made once for all who listen.</summary>
internal sealed class TaskFrames(TaskViews views, TaskWriter tasks)
{
    public async ValueTask<byte[]> OfAsync(FeedEvent item) =>
        item.Frame ??= Frame(
            item, item.Task is { } task ? tasks.Bare(await views.OfAsync(task, item.Progress)) : Encoding.UTF8.GetBytes(item.Payload!));

    private static byte[] Frame(FeedEvent item, byte[] data)
    {
        // A line break would end the field; inside JSON it can only be white space.
        data.AsSpan().Replace((byte)'\n', (byte)' ');
        data.AsSpan().Replace((byte)'\r', (byte)' ');
        var id = item.Seq is { } seq ? string.Create(CultureInfo.InvariantCulture, $"id: {seq}\n") : "";
        return [.. Encoding.UTF8.GetBytes($"{id}event: {item.Type}\ndata: "), .. data, .. "\n\n"u8];
    }
}
