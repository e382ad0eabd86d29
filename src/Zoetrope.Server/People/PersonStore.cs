using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>The SQL of <c>people</c>.</summary>
internal sealed class PersonStore(TimeProvider time)
{
    private const string Columns =
        "id, name, email, password_hash, totp_sealed, totp_pending, is_operator, created_at";

    /// <summary>The person, or null where the e-mail address is somebody's already.</summary>
    public async Task<Person?> CreateAsync(Tx tx, string name, string? email, string? passwordHash, bool isOperator = false)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var id = Ids.New(Ids.Person, now);
        var made = await tx.ExecuteAsync(
            """
            insert into people (id, name, email, password_hash, is_operator, created_at)
            values (@id, @name, @email, @passwordHash, @isOperator, @now) on conflict do nothing
            """,
            new { id, name, email, passwordHash, isOperator = isOperator ? 1L : 0L, now });
        return made == 1 ? await FindAsync(tx, id) : null;
    }

    /// <summary>In the transaction that made them: nothing came of it.</summary>
    public static Task<int> ForgetAsync(Tx tx, string id) => tx.ExecuteAsync("delete from people where id = @id", new { id });

    public static Task<Person?> FindAsync(Session session, string id) =>
        session.FirstOrDefaultAsync<Person>($"select {Columns} from people where id = @id", new { id });

    public static Task<Person?> FindByEmailAsync(Session session, string email) =>
        session.FirstOrDefaultAsync<Person>($"select {Columns} from people where email = @email", new { email });

    public static async Task<bool> AnyOperatorAsync(Session session) =>
        await session.FirstOrDefaultAsync<string>("select id from people where is_operator = 1 limit 1") is not null;

    public static Task<int> ChangeOperatorAsync(Tx tx, string id, bool isOperator) =>
        tx.ExecuteAsync("update people set is_operator = @isOperator where id = @id", new { id, isOperator = isOperator ? 1L : 0L });

    public static Task<int> ChangePasswordAsync(Tx tx, string id, string passwordHash) =>
        tx.ExecuteAsync("update people set password_hash = @passwordHash where id = @id", new { id, passwordHash });

    public static Task<int> OfferTotpAsync(Tx tx, string id, byte[] whole) =>
        tx.ExecuteAsync("update people set totp_pending = @whole where id = @id", new { id, whole });

    /// <summary>From now on sign-in asks for a code. The step of the first one is used up.</summary>
    public static Task<int> TakeTotpAsync(Tx tx, string id, byte[] whole, long step) => tx.ExecuteAsync(
        "update people set totp_sealed = @whole, totp_pending = null, totp_step = @step where id = @id", new { id, whole, step });

    public static Task<int> RemoveTotpAsync(Tx tx, string id) => tx.ExecuteAsync(
        "update people set totp_sealed = null, totp_pending = null, totp_step = null where id = @id", new { id });

    /// <summary>False where a code of this step or a later one was used: what was seen over a shoulder signs nobody in.</summary>
    public static async Task<bool> UseStepAsync(Tx tx, string id, long step) => await tx.ExecuteAsync(
        "update people set totp_step = @step where id = @id and (totp_step is null or totp_step < @step)", new { id, step }) == 1;
}
