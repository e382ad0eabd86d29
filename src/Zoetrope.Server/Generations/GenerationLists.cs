using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Generations.Finding;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>Pages of an account's tasks by what is asked of them.</summary>
internal static class GenerationLists
{
    // Bounds how far a rare filter may read for one page; the cursor then goes on after what was read.
    private const int MaxScan = 5_000;

    private const string Newest = Ids.Generation + "~";

    /// <summary>A page, and the cursor after it; null if nothing is left.</summary>
    public static async ValueTask<(List<Generation> Page, string? Next)> ReadAsync(
        Session session, string accountId, KeyMode mode, GenerationFilter filter)
    {
        // An id is never older than its row: what is older than the first id of a time is not looked at.
        var from = filter.From is { } since ? Ids.First(Ids.Generation, since) : Ids.Generation;
        var after = filter.Before ?? (filter.OldestFirst ? from : Newest);
        var arguments = new Dapper.DynamicParameters(new
        {
            account = accountId,
            low = filter.OldestFirst ? Max(after, from) : from,
            high = filter.OldestFirst ? Newest : after,
            since = filter.From?.ToUnixTimeMilliseconds(),
            until = filter.To?.ToUnixTimeMilliseconds(),
            scan = (long)MaxScan,
            mode = (long)mode,
            status = filter.Status,
            media = filter.Media,
            collection = filter.Collection,
            models = filter.Models,
            name = filter.Tag?.Name,
            value = filter.Tag?.Value,
            user = filter.EndUser,
            person = filter.PersonId,
            take = (long)filter.Limit + 1,
        });
        for (var i = 0; i < filter.Words.Count; i++)
        {
            arguments.Add($"word{i}", filter.Words[i]);
        }

        var isPostgres = session.Dialect is SqlDialect.Postgres;
        var scanned = Scan(filter, isPostgres, arguments);
        var conditions = Conditions(filter, isPostgres);
        var page = await GenerationStore.ReadAllAsync(
            session,
            $"select {GenerationColumns.All} from (select * {scanned}) page where {conditions} {Order(filter)} limit @take",
            arguments);
        if (page.Count > filter.Limit)
        {
            page.RemoveAt(filter.Limit);
            return (page, page[^1].Id);
        }

        var (last, number) = await session.FirstOrDefaultAsync<(string?, long)>(
            $"select {(filter.OldestFirst ? "max" : "min")}(id) as last, count(*) as scanned from (select id {scanned}) page", arguments);
        return (page, number == MaxScan ? last : null);
    }

    // What an index finds: the account's tasks of a time, those with a star, of a collection, a tag, a user or a person, or with words.
    private static string Scan(GenerationFilter filter, bool isPostgres, Dapper.DynamicParameters arguments)
    {
        var within = $"account_id = @account and id {(filter is { OldestFirst: true, Before: not null } ? ">" : ">=")} @low and id < @high";

        // What the words leave is limited already; a range beside it would lead SQLite through all of the account's tasks.
        var found = PromptStore.Candidates(filter.Words, within, isPostgres, filter.OldestFirst ? "asc" : "desc", arguments);

        // The limit is within, where the tags are.
        string?[] conditions =
        [
            found is null ? within : "account_id = @account",
            found,
            filter.Starred is true ? "starred = 1" : null,
            filter.Collection is null ? null : "collection = @collection",
            filter.EndUser is null ? null : "end_user = @user",
            filter.PersonId is null ? null : "person_id = @person",
            filter.Tag is null
                ? null
                : $"id in (select id from generation_tags where {within} and name = @name and value = @value {Order(filter)} limit @scan)",
        ];
        return $"from generations where {All(conditions)} {Order(filter)} limit @scan";
    }

    private static string Conditions(GenerationFilter filter, bool isPostgres)
    {
        var words = Enumerable.Range(0, filter.Words.Count).Select(i => $"{Lower(i)} > 0");
        string?[] conditions =
        [
            "mode = @mode",
            filter.Status is null ? null : "status = @status",
            filter.Models is null ? null : isPostgres ? "model = any(@models)" : "model in @models",
            filter.From is null ? null : "created_at >= @since",
            filter.To is null ? null : "created_at < @until",
            filter.Media is null ? null : "media = @media",
            filter.Starred is false ? "starred = 0" : null,
            .. words,
        ];
        return All(conditions);

        string Lower(int i) => isPostgres ? $"strpos(lower(prompt), lower(@word{i}))" : $"instr(lower(prompt), lower(@word{i}))";
    }

    private static string All(string?[] conditions) => string.Join(" and ", conditions.Where(condition => condition is not null));

    private static string Order(GenerationFilter filter) => filter.OldestFirst ? "order by id" : "order by id desc";

    private static string Max(string one, string other) => string.CompareOrdinal(one, other) > 0 ? one : other;
}

/// <summary>What a listing asks for.</summary>
/// <param name="Limit">Rows of the page, 1–100.</param>
/// <param name="Before">Cursor: only ids below this one.</param>
/// <param name="Status">A status word of the table, or any.</param>
/// <param name="Media">image, video, or any.</param>
internal sealed record GenerationFilter(int Limit, string? Before, string? Status, string? Media)
{
    /// <summary>Oldest first; <see cref="Before"/> is then the id that the page comes after.</summary>
    public bool OldestFirst { get; init; }

    /// <summary>Ids of models; null is any.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>From this time on.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>With a star, or without.</summary>
    public bool? Starred { get; init; }

    public string? Collection { get; init; }

    public Tag? Tag { get; init; }

    /// <summary>The client's own user.</summary>
    public string? EndUser { get; init; }

    /// <summary>The person whose key it was.</summary>
    public string? PersonId { get; init; }

    /// <summary>All of them are in the prompt, in either case.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}
