using System.Net;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>What somebody enters to sign in. No record, which would print its members.</summary>
internal sealed class Credentials
{
    public required string Email { get; init; }

    public required string Password { get; init; }

    public string? Code { get; init; }

    public string? RecoveryCode { get; init; }
}

/// <summary>
/// Proves a person by password and, where they have an authenticator app, by a code. A name that nobody has, a wrong password and a
/// person without one get the same words after the same time.
/// </summary>
internal sealed class SignIn(Database database, SignInAttempts attempts, Passwords passwords, SecondFactor second)
{
    /// <summary>What was given is no address.</summary>
    public static readonly Problem NoAddress = Problems.InvalidParameter.With(
        "email must be an e-mail address such as ada@example.com.", "email");

    private static readonly Problem Wrong = Problems.SignInFailed.With("The e-mail address, the password or the code is wrong.");

    private static readonly Problem CodeNeeded = Problems.CodeNeeded.With(
        "Enter the code that your authenticator app shows now, or a recovery code.", "code");

    /// <summary>One spelling of an address, for comparing.</summary>
    public static string Plain(string email) => email.Trim().ToLowerInvariant();

    /// <summary>Whether it looks like one. Who sends mail finds out whether it arrives; here it is a name with a shape.</summary>
    public static bool IsAddress(string email)
    {
        var plain = Plain(email);
        var at = plain.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at == plain.LastIndexOf('@') && at < plain.Length - 1 && plain.Length <= Person.MaxEmailLength
            && !plain.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c));
    }

    public async Task<Outcome<Person>> ProveAsync(Credentials given, IPAddress? address)
    {
        var email = Plain(given.Email);
        if (await attempts.CountAsync(email, address) is { } refusal)
        {
            return refusal;
        }

        var person = await database.ReadAsync(async session => await PersonStore.FindByEmailAsync(session, email));
        if (!passwords.Matches(person, given.Password))
        {
            return Wrong;
        }

        if (person!.TotpSealed is not null)
        {
            if (given is { Code: null, RecoveryCode: null })
            {
                return CodeNeeded;
            }

            if (!await second.PassesAsync(person, given.Code, given.RecoveryCode))
            {
                return Wrong;
            }
        }

        await attempts.ForgiveAsync(email, address);
        return person;
    }
}
