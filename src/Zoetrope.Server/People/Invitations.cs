using System.Net;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>A row of <c>invitations</c>.</summary>
internal sealed class Invitation
{
    public string Id { get; init; } = "";

    public string AccountId { get; init; } = "";

    public string Role { get; init; } = "";

    public long? SpendPerDay { get; init; }

    public long CreatedAt { get; init; }

    public long ExpiresAt { get; init; }
}

/// <summary>Links that let people into an account, one person each.</summary>
internal sealed class Invitations(Database database, SignIn signIn, Passwords passwords, Memberships memberships, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private const int MaxOpen = 100;
    private const string Columns = "id, account_id, role, spend_per_day, created_at, expires_at";

    private static readonly Problem Forbidden = Problems.Forbidden.With("Only an owner invites owners.");

    private static readonly Problem IsMember = Problems.InvalidOperation.With("You belong to this account already. Sign in.");

    private readonly PersonStore _people = new(time);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public ValueTask<List<Invitation>> ListAsync(string accountId) => database.ReadAsync(async session =>
        await session.QueryAsync<Invitation>(
            $"select {Columns} from invitations where account_id = @accountId and used_at is null and expires_at > @now order by id desc",
            new { accountId, now = Now }));

    /// <summary>An invitation and the token of its link, which is shown once.</summary>
    public async Task<Outcome<(Invitation Invitation, string Token)>> MakeAsync(
        Actor by, Caller caller, string role, long? spendPerDay)
    {
        var token = LinkToken.New();
        var made = new Invitation
        {
            Id = Ids.New(Ids.Invitation, time),
            AccountId = caller.AccountId,
            Role = role,
            SpendPerDay = spendPerDay,
            CreatedAt = Now,
            ExpiresAt = Now + (long)Lifetime.TotalMilliseconds,
        };
        return await database.InTransactionAsync<Outcome<(Invitation, string)>>(async tx =>
        {
            if (role == Roles.Owner && !await Members.IsOwnerAsync(tx, caller))
            {
                return Forbidden;
            }

            var open = await tx.ScalarAsync<long>(
                "select count(*) from invitations where account_id = @AccountId and used_at is null and expires_at > @now",
                new { caller.AccountId, now = Now });
            if (open >= MaxOpen)
            {
                return Problems.InvalidOperation.With(
                    $"This account has {MaxOpen} open invitations, which is the limit. Withdraw one first.");
            }

            await tx.ExecuteAsync(
                """
                insert into invitations (id, account_id, hash, role, spend_per_day, made_by, created_at, expires_at)
                values (@Id, @AccountId, @hash, @Role, @SpendPerDay, @madeBy, @CreatedAt, @ExpiresAt)
                """,
                new
                {
                    made.Id,
                    made.AccountId,
                    hash = LinkToken.Hash(token),
                    made.Role,
                    made.SpendPerDay,
                    madeBy = caller.PersonId ?? caller.ApiKeyId,
                    made.CreatedAt,
                    made.ExpiresAt,
                });
            await AuditLog.AppendAsync(
                tx,
                by,
                new AuditEntry(made.AccountId, "invitation.created", made.Id) { After = new { role = made.Role, spendPerDay = made.SpendPerDay } },
                time.GetUtcNow());
            return (made, token);
        });
    }

    public Task<Outcome<bool>> WithdrawAsync(Actor by, string accountId, string id) => database.InTransactionAsync<Outcome<bool>>(async tx =>
    {
        if (await tx.ExecuteAsync(
            "update invitations set used_at = @now where id = @id and account_id = @accountId and used_at is null",
            new { id, accountId, now = Now }) == 0)
        {
            return Problems.PersonNotFound.With(
                "This account has no open invitation with this id. GET /api/v1/account/invitations lists them.");
        }

        await AuditLog.AppendAsync(tx, by, new AuditEntry(accountId, "invitation.withdrawn", id), time.GetUtcNow());
        return true;
    });

    /// <summary>
    /// Lets a newcomer in, or somebody who signs in here already and gives the password that they have. The name is looked up only for
    /// who holds a link that works.
    /// </summary>
    public async Task<Outcome<(Person Person, string AccountId)>> AcceptAsync(
        Actor by, Newcomer newcomer, Credentials given, IPAddress? address)
    {
        var isGood = await database.ReadAsync(async session => await FindAsync(session, newcomer.Token)) is not null;
        if (!isGood)
        {
            return Invalid;
        }

        var email = SignIn.Plain(newcomer.Email);
        Person? known = null;
        if (await database.ReadAsync(async session => await PersonStore.FindByEmailAsync(session, email)) is not null
            && (await signIn.ProveAsync(given, address)).Failed(out var problem, out known))
        {
            return problem;
        }

        var hash = known is null ? passwords.Hash(newcomer.Password) : "";
        return await database.InTransactionAsync(tx => EnterAsync(tx, by, newcomer.Token, async () =>
            (known ?? await _people.CreateAsync(tx, newcomer.Name, email, hash)) is { } person ? person : IsMember));
    }

    /// <summary>In the caller's transaction: uses the link for whoever is found or made, or leaves everything as it was.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="by">Who, for the audit log.</param>
    /// <param name="token">Of the link.</param>
    /// <param name="find">The person, or why there is none.</param>
    public async Task<Outcome<(Person Person, string AccountId)>> EnterAsync(
        Tx tx, Actor by, string token, Func<Task<Outcome<Person>>> find)
    {
        var invitation = await FindAsync(tx, token);
        if (invitation is null || await tx.ExecuteAsync(
            "update invitations set used_at = @now where id = @Id and used_at is null", new { invitation.Id, now = Now }) == 0)
        {
            return Invalid;
        }

        if ((await find()).Failed(out var refusal, out var person) || !await memberships.AddAsync(
            tx, invitation.AccountId, person.Id, invitation.Role, invitation.SpendPerDay))
        {
            await tx.ExecuteAsync("update invitations set used_at = null where id = @Id", new { invitation.Id });
            return refusal ?? IsMember;
        }

        await tx.ExecuteAsync("update invitations set used_by = @person where id = @Id", new { invitation.Id, person = person.Id });
        await AuditLog.AppendAsync(
            tx,
            by with { Id = person.Id, PersonId = person.Id },
            new AuditEntry(invitation.AccountId, "member.joined", person.Id)
            {
                After = new { role = invitation.Role, invitation = invitation.Id },
            },
            time.GetUtcNow());
        return (person, invitation.AccountId);
    }

    private static Problem Invalid => Welcome.InvalidLink("Ask whoever sent it for another one.");

    private Task<Invitation?> FindAsync(Session session, string token) => session.FirstOrDefaultAsync<Invitation>(
        $"select {Columns} from invitations where hash = @hash and used_at is null and expires_at > @now",
        new { hash = LinkToken.Hash(token), now = Now });
}
