using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>
/// Reads a stream of events and resumes it behind the last one when the connection breaks. Line by line, because .NET's SseParser
/// tells of no comment, which is how a quiet server shows that it lives, and its LastEventId is already that of an event whose
/// other lines never came.
/// </summary>
internal sealed class EventFollower(Transport transport)
{
    public async IAsyncEnumerable<TaskEvent> FollowAsync(
        string path, string? after, bool endsWithTask, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = after;
        var failures = 0;
        while (true)
        {
            using var response = await transport.SendAsync(
                () => Request(path, cursor), withKey: true, whole: false, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                yield break;
            }

            using var body = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
            var (type, data, id) = ("", "", cursor);
            while (await LineAsync(body, cancellationToken).ConfigureAwait(false) is { } line)
            {
                var (field, value) = Field(line);
                switch (field)
                {
                    case "id":
                        id = value;
                        break;
                    case "event":
                        type = value;
                        break;
                    case "data":
                        data += value;
                        break;
                    case "" when line.Length == 0:
                        // Only now is the event here: a connection that breaks between its lines resumes before it.
                        cursor = id;
                        failures = data.Length > 0 ? 0 : failures;

                        // The account's stream also tells of other things, such as the end of a batch.
                        if (data.Length > 0 && type.StartsWith("task.", StringComparison.Ordinal))
                        {
                            var told = new TaskEvent(type, cursor ?? "", JsonSerializer.Deserialize(data, ClientJson.Default.TaskState)!);
                            yield return told;
                            if (endsWithTask && told.IsLast)
                            {
                                yield break;
                            }
                        }

                        (type, data) = ("", "");
                        break;
                }
            }

            // The server restarts, or the line broke: a connection that tells something begins the count again.
            if (failures++ >= transport.Options.MaxRetries)
            {
                throw new ZoetropeConnectionException("The stream of events ends again and again.", null, null);
            }

            await transport.PauseAsync(
                transport.Pause(failures - 1, null) ?? transport.Options.RetryDelay, cancellationToken).ConfigureAwait(false);
        }
    }

    private static HttpRequestMessage Request(string path, string? cursor)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (!string.IsNullOrEmpty(cursor))
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", cursor);
        }

        return request;
    }

    private static (string Field, string Value) Field(string line)
    {
        var colon = line.IndexOf(':');
        return colon < 0
            ? (line, "")
            : (line[..colon], line[(line.Length > colon + 1 && line[colon + 1] == ' ' ? colon + 2 : colon + 1)..]);
    }

    /// <summary>Null where the connection has ended, broken off or fallen silent.</summary>
    private async Task<string?> LineAsync(StreamReader body, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(transport.Options.StreamSilence);
        try
        {
            return await body.ReadLineAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is HttpRequestException or IOException or OperationCanceledException
                && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
