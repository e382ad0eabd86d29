using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>What a listing asks for.</summary>
/// <param name="Limit">Rows of the page, 1–100.</param>
/// <param name="Before">Cursor: only ids below this one.</param>
/// <param name="Status">A status word of the table, or any.</param>
internal sealed record GenerationFilter(int Limit, string? Before, string? Status, string? Model, string? Media)
{
    /// <summary>Oldest first; <see cref="Before"/> is then the id that the page comes after.</summary>
    public bool OldestFirst { get; init; }

    public Tag? Tag { get; init; }

    /// <summary>The client's own user.</summary>
    public string? EndUser { get; init; }

    /// <summary>The person whose key it was.</summary>
    public string? PersonId { get; init; }
}

/// <summary>
/// Pages of an account's generations. The table is clustered by account and id, so listing needs no index; a tag, a user and a person
/// have theirs.
/// </summary>
internal static class GenerationList
{
    // How far a rare filter may scan; the cursor then continues after what was scanned.
    private const int MaxScan = 5_000;

    private const string OfAccount = "select * from generations where account_id = @account and id < @before";
    private const string OfUser = OfAccount + " and end_user = @user";
    private const string OfPerson = OfAccount + " and person_id = @person";

    // The limit is within, where the tags are.
    private const string OfTag =
        """
        select * from generations where account_id = @account and id in (
            select id from generation_tags
            where account_id = @account and name = @name and value = @value and id < @before order by id desc limit @scan)
        """;

    /// <summary>A page, newest first, and the cursor after it; null if nothing is left.</summary>
    public static async ValueTask<(List<Generation> Page, string? Next)> ListAsync(
        Session session, string accountId, KeyMode mode, GenerationFilter filter)
    {
        var from = Source(filter);
        var arguments = new
        {
            account = accountId,
            before = filter.Before ?? (filter.OldestFirst ? Ids.Generation : Ids.Generation + "~"),
            scan = (long)MaxScan,
            mode = (long)mode,
            status = filter.Status,
            model = filter.Model,
            media = filter.Media,
            name = filter.Tag?.Name,
            value = filter.Tag?.Value,
            user = filter.EndUser,
            person = filter.PersonId,
            take = (long)filter.Limit + 1,
        };
        var page = await GenerationStore.ReadAllAsync(session, Turned(filter, PageSql(from)), arguments);
        if (page.Count > filter.Limit)
        {
            page.RemoveAt(filter.Limit);
            return (page, page[^1].Id);
        }

        var (last, scanned) = await session.FirstOrDefaultAsync<(string?, long)>(Turned(filter, LastSql(from)), arguments);
        return (page, scanned == MaxScan ? last : null);
    }

    private static string Source(GenerationFilter filter) =>
        filter.Tag is not null ? OfTag : filter.EndUser is not null ? OfUser : filter.PersonId is not null ? OfPerson : OfAccount;

    private static string PageSql(string from) =>
        $"""
        select {GenerationColumns.All} from (
            {from} order by id desc limit @scan
        ) page
        where mode = @mode
          and (cast(@status as text) is null or status = @status)
          and (cast(@model as text) is null or model = @model)
          and (cast(@media as text) is null or media = @media)
          and (cast(@user as text) is null or end_user = @user)
          and (cast(@person as text) is null or person_id = @person)
        order by id desc limit @take
        """;

    private static string LastSql(string from) =>
        $"""
        select min(id) as last, count(*) as scanned from (
            {from} order by id desc limit @scan
        ) page
        """;

    private static string Turned(GenerationFilter filter, string sql) => !filter.OldestFirst
        ? sql
        : sql.Replace("id desc", "id", StringComparison.Ordinal)
            .Replace("id < @before", "id > @before", StringComparison.Ordinal)
            .Replace("min(id)", "max(id)", StringComparison.Ordinal);
}
