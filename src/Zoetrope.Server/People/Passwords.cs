using Microsoft.AspNetCore.Identity;

namespace Zoetrope.Server.People;

/// <summary>Passwords by the hasher of ASP.NET's Identity (PBKDF2). The one rule is a length: others make worse passwords.</summary>
internal sealed class Passwords
{
    public const int MinLength = 12;
    public const int MaxLength = 200;

    private static readonly Person Nobody = new();
    private readonly PasswordHasher<Person> _hasher = new();
    private readonly Lazy<string> _dummy;

    public Passwords() => _dummy = new Lazy<string>(() => _hasher.HashPassword(Nobody, Guid.NewGuid().ToString()));

    public string Hash(string password) => _hasher.HashPassword(Nobody, password);

    /// <summary>Takes as long for nobody, and for a person without a password, as for everybody else.</summary>
    public bool Matches(Person? person, string password)
    {
        var matches = _hasher.VerifyHashedPassword(Nobody, person?.PasswordHash ?? _dummy.Value, password)
            != PasswordVerificationResult.Failed;
        return matches && person?.PasswordHash is not null;
    }
}
