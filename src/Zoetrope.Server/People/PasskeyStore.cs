using Microsoft.AspNetCore.Identity;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>A row of <c>passkeys</c>.</summary>
internal sealed class PasskeyRow
{
    public string Id { get; init; } = "";

    public string PersonId { get; init; } = "";

    public byte[] CredentialId { get; init; } = [];

    public string? Name { get; init; }

    public byte[] PublicKey { get; init; } = [];

    public long SignCount { get; init; }

    public string? Transports { get; init; }

    public long IsUserVerified { get; init; }

    public long IsBackupEligible { get; init; }

    public long IsBackedUp { get; init; }

    public byte[] Attestation { get; init; } = [];

    public byte[] ClientData { get; init; } = [];

    public long CreatedAt { get; init; }

    public long? UsedAt { get; init; }

    public UserPasskeyInfo ToPasskey() => new(
        CredentialId,
        PublicKey,
        DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
        (uint)SignCount,
        Transports?.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        IsUserVerified == 1,
        IsBackupEligible == 1,
        IsBackedUp == 1,
        Attestation,
        ClientData)
    {
        Name = Name,
    };
}

/// <summary>
/// People and their passkeys as ASP.NET's Identity asks for them. It makes and checks the ceremonies; it changes no person, so what
/// only its managers of users need is refused.
/// </summary>
internal sealed class PasskeyStore(Database database, TimeProvider time) : IUserPasskeyStore<Person>
{
    public const int MaxPerPerson = 20;

    private const string Columns =
        """
        id, person_id, credential_id, name, public_key, sign_count, transports, is_user_verified, is_backup_eligible, is_backed_up,
        attestation, client_data, created_at, used_at
        """;

    private static readonly Problem NotFound = Problems.PersonNotFound.With(
        "You have no passkey with this id. GET /api/v1/person/passkeys lists them.");

    private static readonly Problem LastWay = Problems.InvalidOperation.With(
        "You could not sign in any more without it. Set a password or add another passkey first.");

    public ValueTask<List<PasskeyRow>> ListAsync(string personId) => database.ReadAsync(async session =>
        await session.QueryAsync<PasskeyRow>(
            $"select {Columns} from passkeys where person_id = @personId order by created_at, id", new { personId }));

    /// <summary>Of the signed-in person, unless it is all that they can sign in with.</summary>
    public Task<Outcome<bool>> RemoveAsync(Person person, string id) => database.InTransactionAsync<Outcome<bool>>(async tx =>
    {
        if (!await WaysIn.RemainAsync(tx, person.Id, exceptPasskey: id))
        {
            return LastWay;
        }

        if (await tx.ExecuteAsync("delete from passkeys where id = @id and person_id = @personId", new { id, personId = person.Id }) == 0)
        {
            return NotFound;
        }

        await PersonChange.WriteAsync(tx, person, "person.passkey_removed", time.GetUtcNow(), id);
        return true;
    });

    public Task AddOrUpdatePasskeyAsync(Person user, UserPasskeyInfo passkey, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var row = new
        {
            newId = Ids.New(Ids.Passkey, now),
            personId = user.Id,
            passkey.CredentialId,
            passkey.Name,
            passkey.PublicKey,
            signCount = (long)passkey.SignCount,
            transports = passkey.Transports is { } transports ? string.Join(' ', transports) : null,
            isVerified = passkey.IsUserVerified ? 1L : 0L,
            isEligible = passkey.IsBackupEligible ? 1L : 0L,
            isBackedUp = passkey.IsBackedUp ? 1L : 0L,
            passkey.AttestationObject,
            passkey.ClientDataJson,
            now,
        };
        return database.InTransactionAsync(async tx =>
        {
            var known = await tx.ExecuteAsync(
                """
                update passkeys set sign_count = @signCount, is_backed_up = @isBackedUp, is_user_verified = @isVerified, used_at = @now
                where credential_id = @CredentialId and person_id = @personId
                """,
                row);
            if (known == 0)
            {
                await tx.ExecuteAsync(
                    """
                    insert into passkeys (id, person_id, credential_id, name, public_key, sign_count, transports, is_user_verified,
                        is_backup_eligible, is_backed_up, attestation, client_data, created_at)
                    values (@newId, @personId, @CredentialId, @Name, @PublicKey, @signCount, @transports, @isVerified, @isEligible,
                        @isBackedUp, @AttestationObject, @ClientDataJson, @now)
                    """,
                    row);
                await PersonChange.WriteAsync(tx, user, "person.passkey_added", time.GetUtcNow(), row.newId);
            }
        });
    }

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Person user, CancellationToken cancellationToken) =>
        [.. (await ListAsync(user.Id)).Select(static row => row.ToPasskey())];

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(Person user, byte[] credentialId, CancellationToken cancellationToken) =>
        (await FindAsync(credentialId)) is { } row && row.PersonId == user.Id ? row.ToPasskey() : null;

    public async Task<Person?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        await FindAsync(credentialId) is { } row ? await FindByIdAsync(row.PersonId, cancellationToken) : null;

    public async Task<Person?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        await database.ReadAsync(async session => await PersonStore.FindAsync(session, userId));

    public async Task<Person?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        await database.ReadAsync(async session => await PersonStore.FindByEmailAsync(session, SignIn.Plain(normalizedUserName)));

    public Task<string> GetUserIdAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(user.Email);

    public Task<string?> GetNormalizedUserNameAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(user.Email);

    public Task RemovePasskeyAsync(Person user, byte[] credentialId, CancellationToken cancellationToken) => throw NotAsked();

    public Task SetUserNameAsync(Person user, string? userName, CancellationToken cancellationToken) => throw NotAsked();

    public Task SetNormalizedUserNameAsync(Person user, string? normalizedName, CancellationToken cancellationToken) => throw NotAsked();

    public Task<IdentityResult> CreateAsync(Person user, CancellationToken cancellationToken) => throw NotAsked();

    public Task<IdentityResult> UpdateAsync(Person user, CancellationToken cancellationToken) => throw NotAsked();

    public Task<IdentityResult> DeleteAsync(Person user, CancellationToken cancellationToken) => throw NotAsked();

    public void Dispose()
    {
    }

    private static NotSupportedException NotAsked() => new("People are changed by PersonStore.");

    private ValueTask<PasskeyRow?> FindAsync(byte[] credentialId) => database.ReadAsync(async session =>
        await session.FirstOrDefaultAsync<PasskeyRow>(
            $"select {Columns} from passkeys where credential_id = @credentialId", new { credentialId }));
}
