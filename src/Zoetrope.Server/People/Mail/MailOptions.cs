using System.ComponentModel.DataAnnotations;
using MimeKit;

namespace Zoetrope.Server.People.Mail;

/// <summary>Section <c>Zoetrope:Mail</c>: a server for outgoing mail (SMTP).</summary>
internal sealed class MailOptions : IValidatableObject
{
    /// <summary>Its name; empty: this server sends no mail.</summary>
    public string Host { get; init; } = "";

    [Range(1, 65_535)]
    public int Port { get; init; } = 587;

    /// <summary>How the way there is kept secret; without it, only for a server on this machine or in this network.</summary>
    public MailEncryption Encryption { get; init; } = MailEncryption.StartTls;

    /// <summary>Empty: it asks for none.</summary>
    public string Username { get; init; } = "";

    public string Password { get; init; } = "";

    /// <summary>Whom the mail is from, such as <c>Zoetrope &lt;studio@example.com&gt;</c>.</summary>
    public string From { get; init; } = "";

    public bool IsOn => Host.Length > 0;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsOn && (!MailboxAddress.TryParse(From, out var from) || !SignIn.IsAddress(from.Address)))
        {
            yield return new ValidationResult(
                "It must be the address that mail is sent from, such as studio@example.com or Zoetrope <studio@example.com>",
                [nameof(From)]);
        }

        if (Username.Length > 0 && Encryption is MailEncryption.None)
        {
            yield return new ValidationResult(
                "A password is not sent unencrypted. Use StartTls or Tls, or leave the name empty", [nameof(Encryption)]);
        }
    }
}

/// <summary>How a connection to a mail server is encrypted.</summary>
internal enum MailEncryption
{
    /// <summary>It begins plain and must become TLS before anything is said (usually port 587).</summary>
    StartTls,

    /// <summary>TLS from the first byte (usually port 465).</summary>
    Tls,

    /// <summary>Never.</summary>
    None,
}
