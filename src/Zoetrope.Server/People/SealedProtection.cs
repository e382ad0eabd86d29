using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Zoetrope.Server.People;

/// <summary>
/// What ASP.NET asks to be sealed on its way through a browser, sealed with the secret that all nodes share: what one node began
/// another finishes. Its own key ring would be a second set of keys with a place, a change and a loss of its own.
/// </summary>
internal sealed class SealedProtection(PeopleKeys keys, string purpose = "aspnet") : IDataProtector
{
    // A purpose's length keeps two lists of purposes from being one text.
    public IDataProtector CreateProtector(string purpose1) => new SealedProtection(keys, $"{purpose} {purpose1.Length}:{purpose1}");

    public byte[] Protect(byte[] plaintext) => keys.Seal(purpose, plaintext);

    public byte[] Unprotect(byte[] protectedData) =>
        keys.Open(purpose, protectedData) ?? throw new CryptographicException("This was not sealed here, or was changed.");
}
