using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Accounts;

/// <summary>Who pays: a row of <c>accounts</c>.</summary>
internal sealed record Account(string Id, string Name, string Plan, long CreatedAt);

/// <summary>The SQL of <c>accounts</c>.</summary>
internal sealed class AccountStore(TimeProvider time)
{
    public const int MaxNameLength = 200;

    private const string Columns = "id, name, plan, created_at";

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
    public static Task<List<Account>> ListAsync(Session session, int limit, string? after) =>
        session.QueryAsync<Account>(
            $"select {Columns} from accounts where id > @after order by id limit @limit",
            new { after = after ?? "", limit = (long)limit });

    public static async Task<bool> AnyAsync(Session session) =>
        await session.FirstOrDefaultAsync<string>("select id from accounts limit 1") is not null;

    public static async Task<bool> ChangePlanAsync(Tx tx, string id, Plan plan) =>
        await tx.ExecuteAsync("update accounts set plan = @plan where id = @id", new { id, plan = plan.Name }) == 1;
}
