using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>One request of a delivery that came to an end: a row of <c>webhook_attempts</c>.</summary>
internal sealed record WebhookAttempt
{
    /// <summary>From 1; a number that is missing was sent by a server that stopped before it could note the answer.</summary>
    public long Number { get; init; }

    public long At { get; init; }

    public long DurationMs { get; init; }

    public long? Status { get; init; }

    public string? Body { get; init; }

    public string? Error { get; init; }
}

/// <summary>The SQL of <c>webhook_attempts</c>. With the delivery's own 4 KiB a delivery keeps less than 20 kB of answers.</summary>
internal static class WebhookAttemptStore
{
    /// <summary>The schedule's ten and a few redeliveries; older ones are forgotten.</summary>
    public const int Kept = 15;

    private const int MaxBody = 1024;

    public static async Task InsertAsync(Tx tx, WebhookDelivery delivery, WebhookAnswer answer)
    {
        await tx.ExecuteAsync(
            "insert into webhook_attempts (delivery_seq, number, at, duration_ms, status, body, error) "
            + "values (@Seq, @Number, @At, @DurationMs, @Status, @Body, @Error)",
            new
            {
                delivery.Seq,
                Number = delivery.Attempts,
                At = delivery.AttemptedAt,
                DurationMs = (long)answer.Duration.TotalMilliseconds,
                Status = (long?)answer.Status,
                Body = answer.Body is null ? null : Excerpt(answer.Body, MaxBody),
                answer.Error,
            });
        if (delivery.Attempts > Kept)
        {
            await tx.ExecuteAsync(
                "delete from webhook_attempts where delivery_seq = @Seq and number <= @Last",
                new { delivery.Seq, Last = delivery.Attempts - Kept });
        }
    }

    /// <summary>Oldest first.</summary>
    public static Task<List<WebhookAttempt>> ListAsync(Session session, long deliverySeq) => session.QueryAsync<WebhookAttempt>(
        "select number, at, duration_ms, status, body, error from webhook_attempts "
        + "where delivery_seq = @deliverySeq order by number",
        new { deliverySeq });

    /// <summary>As much of a text as fits into so many bytes of UTF-8, cut between characters.</summary>
    public static string Excerpt(string text, int maxBytes)
    {
        var (bytes, characters) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > maxBytes)
            {
                return text[..characters];
            }

            characters += rune.Utf16SequenceLength;
        }

        return text;
    }
}
