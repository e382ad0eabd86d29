namespace Zoetrope.Server.Events;

/// <summary>
/// Whether a key or grant has ended, as SQL, because everything that is sent is asked. It is read from the keys themselves at the
/// moment of sending: no revocation has to remember webhooks, and the passing of time is an end too. A grant ends with the key that
/// gave it. A key that was rotated goes on in its successor, unless it was revoked.
/// </summary>
internal static class EndedKeys
{
    /// <param name="keyId">The column with the key's id; null is nobody, who does not end. The query binds <c>@now</c>.</param>
    public static string Sql(string keyId) =>
        $"""
        exists (
            select 1 from api_keys k left join api_keys p on p.id = k.parent_id
            where k.id = {keyId} and (
                k.revoked_at is not null or p.revoked_at is not null or p.expires_at <= @now
                or (k.expires_at <= @now and not exists (
                    select 1 from api_keys s
                    where s.spends_with = coalesce(k.spends_with, k.id) and s.id > k.id
                        and s.revoked_at is null and (s.expires_at is null or s.expires_at > @now))))
        )
        """;
}
