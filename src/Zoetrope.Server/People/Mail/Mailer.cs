using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Zoetrope.Server.People.Mail;

/// <summary>Sends a mail now, once: whoever asked is told whether the mail server took it, and has the link itself in any case.</summary>
internal sealed partial class Mailer(MailOptions options, ILogger<Mailer> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public bool IsOn => options.IsOn;

    /// <summary>Whether a mail can name it as its one receiver.</summary>
    public static bool CanReach(string address) =>
        SignIn.IsAddress(address) && MailboxAddress.TryParse(address, out var read) && read.Address == address && read.Name is null or "";

    /// <returns>Whether the mail server took it.</returns>
    public async Task<bool> SendAsync(string to, string subject, string text, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var message = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = text } };
        message.From.Add(MailboxAddress.Parse(options.From));
        message.To.Add(new MailboxAddress("", to));

        // Nobody answers a program, and no program shall answer this one.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        try
        {
            // Revocation lists are asked for over plain http, from wherever a certificate names; the rest of this server does not either.
            using var smtp = new SmtpClient { CheckCertificateRevocation = false, Timeout = (int)Patience.TotalMilliseconds };
            await smtp.ConnectAsync(options.Host, options.Port, Way(options.Encryption), limit.Token);
            if (options.Username.Length > 0)
            {
                await smtp.AuthenticateAsync(options.Username, options.Password, limit.Token);
            }

            await smtp.SendAsync(message, limit.Token);
            await smtp.DisconnectAsync(quit: true, limit.Token);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && IsTheirs(exception))
        {
            LogFailed(exception, options.Host);
            return false;
        }
    }

    private static SecureSocketOptions Way(MailEncryption encryption) => encryption switch
    {
        MailEncryption.StartTls => SecureSocketOptions.StartTls,
        MailEncryption.Tls => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.None,
    };

    private static bool IsTheirs(Exception exception) => exception
        is MailKit.CommandException or MailKit.ProtocolException or AuthenticationException or SslHandshakeException
        or MailKit.ServiceNotConnectedException or IOException or System.Net.Sockets.SocketException
        or NotSupportedException or OperationCanceledException or TimeoutException;

    [LoggerMessage(LogLevel.Warning, "The mail server {Host} did not take a mail; whoever wanted to send it was told")]
    private partial void LogFailed(Exception exception, string host);
}
