using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Zoetrope.Server.Egress;

namespace Zoetrope.Server.Events;

/// <summary>
/// Writes a task as the door shows it to its owner, or to somebody who may not read it; null if there is none. The doors know the
/// shape, this folder does not.
/// </summary>
internal delegate ValueTask<byte[]?> TaskRenderer(string accountId, string taskId, bool mayRead);

/// <summary>What came of one attempt.</summary>
internal sealed record WebhookAnswer
{
    /// <summary>Null when nothing answered.</summary>
    public int? Status { get; init; }

    public string? Body { get; init; }

    /// <summary>In words, safe for the customer; null for a success.</summary>
    public string? Error { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public TimeSpan Duration { get; init; }

    /// <summary>There is nothing to send, and it is not the endpoint's fault.</summary>
    public bool IsPointless { get; init; }
}

/// <summary>Makes one signed request. The task is written anew for each attempt, so that its result's URL is never a stale one.</summary>
internal sealed class WebhookSender(EgressClient egress, WebhookKeys keys, TaskRenderer render, WebhookOptions options, TimeProvider time)
{
    /// <summary>As much of an answer as is kept.</summary>
    private const int MaxAnswerBytes = 4096;

    // One wording for a closed port, a forbidden address, an unknown host and silence: which it was would map the operator's network.
    private const string NoAnswer = "The endpoint could not be reached or did not answer in time.";

    public async Task<WebhookAnswer> SendAsync(WebhookEndpoint endpoint, WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var span = delivery.GenerationId is null ? null : Spans.Start("webhook", ActivityKind.Producer);
        var answer = await TrySendAsync(endpoint, delivery, span, cancellationToken);
        span?.SetTag("zoetrope.event", delivery.Type).SetTag("zoetrope.endpoint", endpoint.Id)
            .SetTag("http.response.status_code", answer.Status)
            .SetStatus(answer.Error is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
        return answer with { Duration = time.GetElapsedTime(began) };
    }

    private async Task<WebhookAnswer> TrySendAsync(
        WebhookEndpoint endpoint, WebhookDelivery delivery, Activity? sending, CancellationToken cancellationToken)
    {
        var mayRead = delivery.Brief == 0;
        var data = delivery.GenerationId is { } task
            ? await render(delivery.AccountId, task, mayRead)
            : mayRead ? Encoding.UTF8.GetBytes(delivery.Payload!) : Brief(delivery.Payload!);
        if (data is null)
        {
            return new WebhookAnswer { Error = "The task no longer exists.", IsPointless = true };
        }

        if (egress.Check(delivery.Url ?? endpoint.Url, out var url) is { } refused)
        {
            return new WebhookAnswer { Error = refused.Message };
        }

        var body = Body(delivery, data);
        var now = time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", $"Zoetrope-Webhooks/{ProductVersion.Text}");
        request.Headers.TryAddWithoutValidation("webhook-id", delivery.Id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", keys.Sign(endpoint, delivery.Id, now, body));
        if (delivery.TraceId is { } trace)
        {
            // A span of its own in the client's trace, also where nobody listens to ours.
            var span = sending?.SpanId ?? ActivitySpanId.CreateRandom();
            request.Headers.TryAddWithoutValidation("traceparent", $"00-{trace}-{span.ToHexString()}-01");
        }

        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await egress.SendAsync(request, both.Token, options.Timeout);
            return Judge(response, await ReadAsync(response, both.Token, cancellationToken));
        }
        catch (EgressException exception)
        {
            return new WebhookAnswer { Error = exception.Failure.Kind is EgressFailureKind.BadUrl ? exception.Failure.Message : NoAnswer };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WebhookAnswer { Error = NoAnswer };
        }
    }

    // Of a batch, which carries its own data.
    private static byte[] Brief(string payload)
    {
        using var whole = JsonDocument.Parse(payload);
        return JsonSerializer.SerializeToUtf8Bytes(
            whole.RootElement.EnumerateObject().Where(static property => property.Name is "id" or "status")
                .ToDictionary(static property => property.Name, static property => property.Value.GetString()),
            WireJson.Options);
    }

    private static byte[] Body(WebhookDelivery delivery, byte[] data)
    {
        var buffer = new ArrayBufferWriter<byte>(data.Length + 128);
        using var writer = new Utf8JsonWriter(buffer, WireJson.Writer);
        writer.WriteStartObject();
        writer.WriteString("type"u8, delivery.Type);
        writer.WriteString("timestamp"u8, WireTime.Text(delivery.CreatedAt));
        writer.WritePropertyName("data"u8);
        writer.WriteRawValue(data, skipInputValidation: true);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private WebhookAnswer Judge(HttpResponseMessage response, string body)
    {
        var status = (int)response.StatusCode;
        return new WebhookAnswer
        {
            Status = status,
            Body = body,
            Error = status switch
            {
                >= 200 and < 300 => null,
                >= 300 and < 400 => $"The endpoint answered {status}; redirects are not followed.",
                _ => $"The endpoint answered {status}.",
            },
            RetryAfter = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
                ? Wait(response.Headers.RetryAfter)
                : null,
        };
    }

    private TimeSpan? Wait(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? (header?.Date - time.GetUtcNow());
        return wait is { } given && given > TimeSpan.Zero
            ? (given < WebhookRetries.LongestPause ? given : WebhookRetries.LongestPause)
            : null;
    }

    // The status has decided already: a body that drips, breaks off or does not end is cut at that point.
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken inTime, CancellationToken stopping)
    {
        var buffer = new byte[MaxAnswerBytes];
        var length = 0;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(inTime);
            while (length < buffer.Length && await body.ReadAsync(buffer.AsMemory(length), inTime) is var read and > 0)
            {
                length += read;
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException
            || (exception is OperationCanceledException && !stopping.IsCancellationRequested))
        {
        }

        // PostgreSQL keeps no NUL in a text.
        return WebhookAttemptStore.Excerpt(Encoding.UTF8.GetString(buffer, 0, length).Replace('\0', '\uFFFD'), MaxAnswerBytes);
    }
}
