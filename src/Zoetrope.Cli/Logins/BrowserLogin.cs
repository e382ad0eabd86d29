using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Web;
using Zoetrope.Cli.Media;

namespace Zoetrope.Cli.Logins;

/// <summary>
/// A login in the person's browser (OAuth 2.1, PKCE): the server's consent page sends the browser back to a port of this machine that is
/// open for that one moment.
/// </summary>
internal sealed class BrowserLogin(Invocation invocation, Uri root)
{
    private const string Path = "/callback";
    private const int MaxHead = 16 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public async Task<StoredLogin> RunAsync(bool open)
    {
        using var http = invocation.NewHttpClient();
        var calls = new OAuthCalls(http, root, invocation.Time);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var redirect = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}{Path}";
        var (verifier, state) = (Random(), Random());
        var clientId = await calls.RegisterAsync(redirect, $"zoetrope on {Environment.MachineName}", invocation.CancellationToken);
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var address = new Uri(root, "oauth/authorize?response_type=code&code_challenge_method=S256"
            + $"&client_id={Uri.EscapeDataString(clientId)}&redirect_uri={Uri.EscapeDataString(redirect)}"
            + $"&code_challenge={challenge}&state={state}").AbsoluteUri;
        invocation.Terminal.Note($"Open this address in a browser on this machine, and allow zoetrope:\n  {address}");
        if (open)
        {
            Opener.OpenAddress(address);
        }

        var code = await WaitAsync(listener, state);
        return await calls.RedeemAsync(clientId, code, redirect, verifier, invocation.CancellationToken);
    }

    private async Task<string> WaitAsync(TcpListener listener, string state)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(invocation.CancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            for (; ; )
            {
                using var connection = await listener.AcceptTcpClientAsync(limit.Token);
                if (await ReadAsync(connection.GetStream(), limit.Token) is not { } query || query["state"] != state)
                {
                    // Another program of this machine, or a browser that asks for an icon.
                    await AnswerAsync(connection.GetStream(), "404 Not Found", "There is nothing here.", limit.Token);
                    continue;
                }

                var code = query["code"];
                await AnswerAsync(
                    connection.GetStream(),
                    "200 OK",
                    code is null ? "zoetrope was not allowed. You can close this page." : "zoetrope is logged in. You can close this page.",
                    limit.Token);
                return code ?? throw new CliException(
                    "LOGIN_REFUSED", "The login was not allowed in the browser.", ExitCode.Refused, "zoetrope login --browser    tries again");
            }
        }
        catch (OperationCanceledException) when (!invocation.CancellationToken.IsCancellationRequested)
        {
            throw new CliException(
                "LOGIN_REFUSED", "Nobody allowed the login within ten minutes.", ExitCode.Refused, "zoetrope login --browser    tries again");
        }
    }

    // The query of GET /callback; null for any other request.
    private static async Task<System.Collections.Specialized.NameValueCollection?> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxHead];
        var length = 0;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            while (length < buffer.Length && !buffer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length), limit.Token);
                if (read == 0)
                {
                    return null;
                }

                length += read;
            }
        }
        catch (Exception exception) when (exception is IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }

        var line = Encoding.ASCII.GetString(buffer, 0, length).Split("\r\n")[0].Split(' ');
        return line is ["GET", var target, _] && target.StartsWith(Path + "?", StringComparison.Ordinal)
            ? HttpUtility.ParseQueryString(target[(Path.Length + 1)..])
            : null;
    }

    private static async Task AnswerAsync(NetworkStream stream, string status, string words, CancellationToken cancellationToken)
    {
        var page = $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>zoetrope</title><p>{words}</p></html>\n";
        var answer = $"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(page)}\r\n"
            + $"Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{page}";
        try
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), cancellationToken);
        }
        catch (IOException)
        {
            // The browser did not wait for the words; the code is what counts.
        }
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
