using Zoetrope.Server.Accounts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>Who somebody says they are, on the page that a link opens. No record, which would print its members.</summary>
internal sealed class Newcomer
{
    public required string Token { get; init; }

    public required string Name { get; init; }

    public required string Email { get; init; }

    public required string Password { get; init; }
}

/// <summary>The operator's link: it makes the person who runs the server, an owner of the first account, and names that account.</summary>
internal sealed class Welcome(Database database, WelcomeLinks links, Passwords passwords, Memberships memberships, TimeProvider time)
{
    // Of an operator's link only its holder learns this, who is about to run the server.
    private static readonly Problem EmailTaken = Problems.InvalidOperation.With(
        "Somebody signs in with this e-mail address already. Use another one.", "email");

    private readonly PersonStore _people = new(time);
    private readonly AccountStore _accounts = new(time);

    public async Task<Outcome<(Person Person, string AccountId)>> RunAsync(Actor by, Newcomer newcomer, string? accountName)
    {
        var hash = passwords.Hash(newcomer.Password);
        return await database.InTransactionAsync<Outcome<(Person, string)>>(async tx =>
        {
            if (!await links.UseAsync(tx, newcomer.Token))
            {
                return InvalidLink("Print a new one with `./run operator link`.");
            }

            if (await _people.CreateAsync(tx, newcomer.Name, SignIn.Plain(newcomer.Email), hash, isOperator: true) is not { } person)
            {
                await WelcomeLinks.GiveBackAsync(tx, newcomer.Token);
                return EmailTaken;
            }

            var account = (await AccountStore.ListAsync(tx, 1, null)).FirstOrDefault()
                ?? await _accounts.CreateAsync(tx, accountName ?? newcomer.Name, Plans.Enterprise);
            if (accountName is not null)
            {
                await AccountStore.RenameAsync(tx, account.Id, accountName);
            }

            await memberships.AddAsync(tx, account.Id, person.Id, Roles.Owner);
            await WelcomeLinks.EndOthersAsync(tx);
            await AuditLog.AppendAsync(
                tx,
                by with { Id = person.Id, PersonId = person.Id },
                new AuditEntry(account.Id, "operator.joined", person.Id) { After = new { role = Roles.Owner, accountName } },
                time.GetUtcNow());
            return (person, account.Id);
        });
    }

    public static Problem InvalidLink(string what) =>
        Problems.LinkNotValid.With($"This link was used, is too old or never was. {what}", "token");
}
