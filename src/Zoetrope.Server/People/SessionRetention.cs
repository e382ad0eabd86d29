using Zoetrope.Server.People.Outside;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>Forgets sessions a month after their end, and counts of attempts and arrivals once they decide nothing.</summary>
internal sealed class SessionRetention(Database database, SignInAttempts attempts, OutsideLogins logins, TimeProvider time) : IRetention
{
    private const int KeptDays = 30;

    private const string Old =
        """
        select id from api_keys where kind = 'session' and (revoked_at < @old or expires_at < @old) order by id limit 500
        """;

    public string Table => "sessions";

    public TimeSpan Every => TimeSpan.FromHours(1);

    public async Task<int> DeleteSomeAsync()
    {
        var old = time.GetUtcNow().AddDays(-KeptDays).ToUnixTimeMilliseconds();
        var ended = await database.InTransactionAsync(async tx =>
        {
            var ids = await tx.QueryAsync<string>(Old, new { old });
            foreach (var id in ids)
            {
                await tx.ExecuteAsync("delete from sessions where id = @id", new { id });
                await tx.ExecuteAsync("delete from api_keys where id = @id and kind = 'session'", new { id });
            }

            return ids.Count;
        });
        return ended + await attempts.DeleteOldAsync() + await logins.ForgetArrivalsAsync();
    }
}
