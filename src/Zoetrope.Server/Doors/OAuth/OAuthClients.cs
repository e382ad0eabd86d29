using System.Text.Json;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// A program that registered itself: a row of <c>oauth_clients</c>. It has no secret, so its redirect addresses are who it
/// is.
/// </summary>
internal sealed record OAuthClient(string Id, string Name, string ApplicationType, string RedirectUris, long CreatedAt, long? UsedAt)
{
    /// <summary>
    /// The addresses that requests may name: those that were registered and still could be, and of those on this computer also the
    /// form without a port, which stands for any (RFC 8252): a program there listens where it finds a free one.
    /// </summary>
    public IEnumerable<string> Accepted
    {
        get
        {
            var registered = JsonSerializer.Deserialize<string[]>(RedirectUris)!
                .Where(static text => ClientRegistration.Refusal(text) is null)
                .ToList();
            return registered.Concat(
                registered.Select(text => new Uri(text)).Where(uri => uri is { Scheme: "http", IsLoopback: true, IsDefaultPort: false })
                .Select(uri => new UriBuilder(uri) { Port = -1 }.Uri.AbsoluteUri)).Distinct();
        }
    }
}

/// <summary>The SQL of <c>oauth_clients</c>.</summary>
internal sealed class OAuthClients(Database database, OAuthOptions options, TimeProvider time)
{
    private const string Columns = "id, name, application_type, redirect_uris, created_at, used_at";

    /// <summary>One that nobody has allowed anything is forgotten after this.</summary>
    private static readonly TimeSpan UnusedFor = TimeSpan.FromDays(1);

    /// <summary>
    /// Anybody may register, so the number of programs that nobody uses is bounded: the oldest of them makes room for a new one.
    /// Null where the operator lets none register.
    /// </summary>
    public Task<OAuthClient?> AddAsync(
        string name, string applicationType, IReadOnlyList<string> redirects) => database.InTransactionAsync(async tx =>
    {
        var now = time.GetUtcNow();
        await tx.ExecuteAsync(
            "delete from oauth_clients where used_at is null and created_at < @before",
            new { before = (now - UnusedFor).ToUnixTimeMilliseconds() });
        if (options.MaxUnusedClients == 0)
        {
            return null;
        }

        var tooMany = await tx.ScalarAsync<long>("select count(*) from oauth_clients where used_at is null") + 1 - options.MaxUnusedClients;
        if (tooMany > 0)
        {
            await tx.ExecuteAsync(
                "delete from oauth_clients where id in "
                + "(select id from oauth_clients where used_at is null order by created_at, id limit @tooMany)",
                new { tooMany });
        }

        var at = now.ToUnixTimeMilliseconds();
        var client = new OAuthClient(Ids.New("client_", at), name, applicationType, JsonSerializer.Serialize(redirects), at, UsedAt: null);
        await tx.ExecuteAsync(
            "insert into oauth_clients (id, name, application_type, redirect_uris, created_at) values (@Id, @Name, "
            + "@ApplicationType, @RedirectUris, @CreatedAt)",
            client);
        return client;
    });

    public async ValueTask<OAuthClient?> FindAsync(string id) => Ids.IsValid("client_", id)
        ? await database.ReadAsync(
            async session =>
                await session.FirstOrDefaultAsync<OAuthClient>($"select {Columns} from oauth_clients where id = @id", new { id }))
        : null;

    public static Task UsedAsync(Tx tx, string id, DateTimeOffset now) =>
        tx.ExecuteAsync("update oauth_clients set used_at = @now where id = @id", new { id, now = now.ToUnixTimeMilliseconds() });
}
