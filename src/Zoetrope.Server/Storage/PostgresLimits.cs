using Npgsql;

namespace Zoetrope.Server.Storage;

/// <summary>
/// How long a session may keep others waiting: a node that is frozen in the middle of a transaction holds its rows for seconds, not
/// for as long as it is frozen. They belong to the role in this database, so that they hold behind a pooler too; a limit that the
/// operator has set stays.
/// </summary>
internal static class PostgresLimits
{
    private static readonly (string Name, string Value)[] Limits =
    [
        ("idle_in_transaction_session_timeout", "5s"),
        ("lock_timeout", "3s"),
        ("statement_timeout", "15s"),
    ];

    /// <summary>Switches of a session, as <c>Options</c> of a connection string has them, that sets itself none of them.</summary>
    public static string None { get; } = string.Join(' ', Limits.Select(static limit => $"-c {limit.Name}=0"));

    /// <summary>Sets what is not set. The caller holds the migrator's lock: two that set at once would fail.</summary>
    public static async Task SetAsync(string connectionString)
    {
        // A session as the server's will be: it shows what the operator has set anywhere.
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        await connection.OpenAsync();
        foreach (var (name, value) in Limits)
        {
            var set = $"""
                do $$ begin
                    if not exists (
                        select 1 from pg_db_role_setting s cross join unnest(s.setconfig) as c (one)
                        where c.one like '{name}=%'
                            and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
                            and s.setrole in (0, (select oid from pg_roles where rolname = current_user)))
                        and (select reset_val from pg_settings where name = '{name}') = '0'
                    then
                        execute format('alter role current_user in database %I set {name} = %L', current_database(), '{value}');
                    end if;
                end $$
                """;
            await using var command = new NpgsqlCommand(set, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
