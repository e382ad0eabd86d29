using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>What a person can still sign in with: the last of it is not taken away.</summary>
internal static class WaysIn
{
    public static async Task<bool> RemainAsync(Tx tx, string personId, string exceptLogin = "", string exceptPasskey = "")
    {
        if (tx.Dialect == SqlDialect.Postgres)
        {
            // Two removals at once would each count the other's.
            await tx.ExecuteAsync("select 1 from people where id = @personId for update", new { personId });
        }

        return await tx.ScalarAsync<long>(
            """
            select (select count(*) from people where id = @personId and password_hash is not null)
                + (select count(*) from passkeys where person_id = @personId and id <> @exceptPasskey)
                + (select count(*) from outside_logins where person_id = @personId and id <> @exceptLogin)
            """,
            new { personId, exceptLogin, exceptPasskey }) > 0;
    }
}
