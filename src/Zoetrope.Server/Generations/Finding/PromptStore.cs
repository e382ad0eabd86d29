using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Finding;

/// <summary>
/// The SQL of <c>prompt_texts</c>, which finds an account's tasks by parts of their prompts: with FTS5 on SQLite, and with pg_trgm on
/// PostgreSQL, where a database without it reads the account's texts. Both by three letters at a time, so any language is found.
/// </summary>
internal static class PromptStore
{
    private const int MostAccounts = 1_000;

    /// <summary>A word with fewer characters is in no index of SQLite.</summary>
    private const int Gram = 3;

    private const string Indexed = "coalesce((select c.id from prompt_checkpoints c where c.account_id = @account), '')";

    private const string BehindSql =
        """
        select a.id from accounts a left join prompt_checkpoints c on c.account_id = a.id
        where exists (select 1 from generations g where g.account_id = a.id and g.id > coalesce(c.id, '') and g.id < @end)
        order by a.id limit @most
        """;

    private const string PageSql =
        $"select id, prompt from generations where account_id = @account and id > {Indexed} and id < @end order by id limit @page";

    private const string MoveSql =
        """
        insert into prompt_checkpoints (account_id, id) values (@account, @id)
        on conflict (account_id) do update set id = excluded.id
        """;

    /// <summary>Accounts with tasks before this id that are not indexed.</summary>
    public static async ValueTask<List<string>> BehindAsync(Session session, string end) =>
        await session.QueryAsync<string>(BehindSql, new { end, most = (long)MostAccounts });

    /// <summary>Indexes some of an account's tasks, oldest first; how many.</summary>
    public static async Task<int> AddAsync(Tx tx, string account, string end, int page)
    {
        // The lock keeps retention from deleting a task whose text would then stay.
        var isPostgres = tx.Dialect is SqlDialect.Postgres;
        var tasks = await tx.QueryAsync<(string Id, string Prompt)>(
            PageSql + (isPostgres ? " for key share" : ""), new { account, end, page = (long)page });
        foreach (var (id, prompt) in tasks)
        {
            if (isPostgres)
            {
                await tx.ExecuteAsync(
                    "insert into prompt_texts (account_id, id, text) values (@account, @id, lower(@prompt)) on conflict do nothing",
                    new { account, id, prompt });
            }
            else if (await tx.ScalarAsync<long?>(
                "insert into prompt_texts (account_id, id) values (@account, @id) on conflict do nothing returning number", new { account, id }) is { } number)
            {
                await tx.ExecuteAsync("insert into prompt_index (rowid, text) values (@number, @prompt)", new { number, prompt });
            }
        }

        if (tasks.Count > 0)
        {
            await tx.ExecuteAsync(MoveSql, new { account, id = tasks[^1].Id });
        }

        return tasks.Count;
    }

    /// <summary>Forgets the texts of tasks that are deleted in this transaction.</summary>
    public static async Task DeleteAsync(Tx tx, string account, string[] ids)
    {
        if (tx.Dialect is SqlDialect.Postgres)
        {
            await tx.ExecuteAsync("delete from prompt_texts where account_id = @account and id = any(@ids)", new { account, ids });
            return;
        }

        await tx.ExecuteAsync(
            "delete from prompt_index where rowid in (select number from prompt_texts where account_id = @account and id in @ids)",
            new { account, ids });
        await tx.ExecuteAsync("delete from prompt_texts where account_id = @account and id in @ids", new { account, ids });
    }

    /// <summary>
    /// A condition on the ids of an account's tasks that all with these words meet, and few others; null where no index helps.
    /// </summary>
    /// <param name="words">What all of them have.</param>
    /// <param name="within">What the ids are limited to.</param>
    /// <param name="isPostgres">The dialect.</param>
    /// <param name="order">asc or desc: the page's.</param>
    /// <param name="arguments">Gets what the condition names.</param>
    public static string? Candidates(
        IReadOnlyList<string> words, string within, bool isPostgres, string order, Dapper.DynamicParameters arguments)
    {
        if (isPostgres)
        {
            for (var i = 0; i < words.Count; i++)
            {
                arguments.Add($"like{i}", SearchText.Pattern(words[i]));
            }

            return words.Count == 0 ? null : Among(
                $"""
                select id from prompt_texts
                where {within} and {string.Join(" and ", words.Select((_, i) => $"text like lower(@like{i}) escape '!'"))}
                order by id {order} limit @scan
                """,
                within,
                isPostgres);
        }

        var sought = words.Where(word => word.EnumerateRunes().Count() >= Gram).ToList();
        if (sought.Count == 0)
        {
            return null;
        }

        arguments.Add("match", string.Join(" AND ", sought.Select(word => $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")));

        // Within an account the numbers are in the order of the ids. "cross" keeps the order of the tables: the other way round SQLite
        // would ask the index once for each text of the account.
        return Among(
            $"""
            select t.id from prompt_index f cross join prompt_texts t on t.number = f.rowid
            where f.text match @match and t.{within.Replace(" and id", " and t.id", StringComparison.Ordinal)}
            order by f.rowid {order} limit @scan
            """,
            within,
            isPostgres);
    }

    // The newest tasks come from the table itself. One lower bound, or SQLite takes the wrong one of two; the last one that is indexed is
    // there twice, which does not matter.
    private static string Among(string found, string within, bool isPostgres) =>
        $"""
        id in (
            select id from ({found}) found
            union all
            select id from generations where account_id = @account and id >= {(isPostgres ? "greatest" : "max")}(@low, {Indexed})
                and id < @high {(within.Contains("id > @low", StringComparison.Ordinal) ? "and id <> @low" : "")})
        """;
}
