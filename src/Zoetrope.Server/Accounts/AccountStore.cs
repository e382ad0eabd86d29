using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Accounts;

/// <summary>Who pays: a row of <c>accounts</c>.</summary>
internal sealed record Account(string Id, string Name, string Plan, long CreatedAt);

/// <summary>The SQL of <c>accounts</c>.</summary>
internal sealed class AccountStore(TimeProvider time)
{
    public const int MaxNameLength = 200;

    private const string Columns = "id, name, plan, created_at";

    private const string HasText =
        """
        and (id = @text or lower(name) like lower(@sought) escape '!' or exists (
            select 1 from memberships m join people p on p.id = m.person_id
            where m.account_id = accounts.id and p.ended_at is null
                and (lower(p.name) like lower(@sought) escape '!' or p.email like lower(@sought) escape '!')))
        """;

    public async Task<Account> CreateAsync(Tx tx, string name, Plan plan)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var account = new Account(Ids.New(Ids.Account, now), name, plan.Name, now);
        await tx.ExecuteAsync("insert into accounts (id, name, plan, created_at) values (@Id, @Name, @Plan, @CreatedAt)", account);
        return account;
    }

    public static Task<Account?> FindAsync(Session session, string id) =>
        session.FirstOrDefaultAsync<Account>($"select {Columns} from accounts where id = @id", new { id });

    /// <summary>Oldest first, starting after the account with the id <paramref name="after"/>.</summary>
    /// <param name="session">Where they are read.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="after">The last id of the page before; null for the first page.</param>
    /// <param name="name">A part of the name, in either case; null for all accounts.</param>
    /// <param name="text">The same, or a part of a member's name or address, or the account's id; null for all accounts.</param>
    public static Task<List<Account>> ListAsync(Session session, int limit, string? after, string? name = null, string? text = null)
    {
        var named = name is null ? "" : "and lower(name) like lower(@pattern) escape '!'";
        return session.QueryAsync<Account>(
            $"select {Columns} from accounts where id > @after {named} {(text is null ? "" : HasText)} order by id limit @limit",
            new
            {
                after = after ?? "", limit = (long)limit, pattern = SearchText.Pattern(name), text, sought = SearchText.Pattern(text),
            });
    }

    public static async Task<bool> AnyAsync(Session session) =>
        await session.FirstOrDefaultAsync<string>("select id from accounts limit 1") is not null;

    public static async Task<bool> ChangePlanAsync(Tx tx, string id, Plan plan) =>
        await tx.ExecuteAsync("update accounts set plan = @plan where id = @id", new { id, plan = plan.Name }) == 1;

    public static Task<int> RenameAsync(Tx tx, string id, string name) =>
        tx.ExecuteAsync("update accounts set name = @name where id = @id", new { id, name });
}
