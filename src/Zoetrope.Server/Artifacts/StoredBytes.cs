using Zoetrope.Server.Egress;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Artifacts;

/// <summary>
/// Bytes that an account has stored on a UTC day, uploads and inputs alike: they cost nothing, so a limit of the day bounds them.
/// They are counted before they are stored, and what is then not stored stays counted.
/// </summary>
internal sealed class StoredBytes(Database database, ArtifactOptions options, TimeProvider time) : IRetention
{
    private const string AddSql =
        """
        insert into stored_bytes (account_id, day, bytes) values (@accountId, @day, @bytes)
        on conflict (account_id, day) do update set bytes = stored_bytes.bytes + excluded.bytes
        returning bytes
        """;

    private const string TakeBackSql = "update stored_bytes set bytes = bytes - @bytes where account_id = @accountId and day = @day";

    private const string DeleteSql =
        """
        delete from stored_bytes where (account_id, day) in (select account_id, day from stored_bytes where day < @day limit 500)
        """;

    public string Table => "stored_bytes";

    public TimeSpan Every => TimeSpan.FromHours(1);

    /// <summary>Counts the bytes; the refusal if the day has no room for them.</summary>
    public async Task<Problem?> TakeAsync(string accountId, long bytes)
    {
        var now = time.GetUtcNow();
        var day = UtcDay.Of(now);
        if (bytes == 0 || options.AccountBytesPerDay == 0)
        {
            return null;
        }

        var fits = await database.InTransactionAsync(async tx =>
        {
            if (await tx.ScalarAsync<long>(AddSql, new { accountId, day, bytes }) <= options.AccountBytesPerDay)
            {
                return true;
            }

            await tx.ExecuteAsync(TakeBackSql, new { accountId, day, bytes });
            return false;
        });
        return fits ? null : Full(now, bytes);
    }

    public Task<int> DeleteSomeAsync() => database.InTransactionAsync(
        tx => tx.ExecuteAsync(DeleteSql, new { day = UtcDay.Of(time.GetUtcNow()) }));

    private Problem Full(DateTimeOffset now, long bytes)
    {
        var tomorrow = UtcDay.End(now);
        var limit = ByteText.Of(options.AccountBytesPerDay);
        return Problems.RateLimited.With(
            $"Rate limit exceeded. The files that this account stores on one day may have {limit}. "
            + $"Resets at: {WireTime.Text(tomorrow)}",
            given: ByteText.Of(bytes),
            allowed: $"{limit} a day") with
        { RetryAfter = tomorrow - now };
    }
}
