using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zoetrope.Cli.Logins;

/// <summary>The calls of a program to the server's OAuth door.</summary>
internal sealed class OAuthCalls(HttpMessageInvoker http, Uri root, TimeProvider time)
{
    public async Task<string> RegisterAsync(string redirect, string name, CancellationToken cancellationToken)
    {
        var wanted = new JsonObject { ["client_name"] = name, ["redirect_uris"] = new JsonArray(redirect) };
        var answer = await SendAsync("oauth/register", JsonContent.Create(wanted, CliJson.Default.JsonNode), cancellationToken);
        return answer.ClientId ?? throw Refused(answer);
    }

    public Task<StoredLogin> RedeemAsync(
        string clientId, string code, string redirect, string verifier, CancellationToken cancellationToken) => TokensAsync(
            clientId,
            new()
            {
                ["grant_type"] = "authorization_code",
                ["client_id"] = clientId,
                ["code"] = code,
                ["redirect_uri"] = redirect,
                ["code_verifier"] = verifier,
            },
            cancellationToken);

    public Task<StoredLogin> RefreshAsync(StoredLogin login, CancellationToken cancellationToken) => TokensAsync(
        login.ClientId,
        new() { ["grant_type"] = "refresh_token", ["client_id"] = login.ClientId, ["refresh_token"] = login.RefreshToken },
        cancellationToken);

    /// <summary>Ends what the person allowed. An answer is all that is asked for: it may have ended long ago.</summary>
    public Task RevokeAsync(StoredLogin login, CancellationToken cancellationToken) => SendAsync(
        "oauth/revoke",
        new FormUrlEncodedContent(new Dictionary<string, string> { ["client_id"] = login.ClientId, ["token"] = login.RefreshToken }),
        cancellationToken);

    private async Task<StoredLogin> TokensAsync(string clientId, Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        var answer = await SendAsync("oauth/token", new FormUrlEncodedContent(form), cancellationToken);
        return answer is { AccessToken: { } access, RefreshToken: { } refresh }
            ? new StoredLogin
            {
                ClientId = clientId, AccessToken = access, RefreshToken = refresh, ExpiresAt = time.GetUtcNow().AddSeconds(answer.ExpiresIn),
            }
            : throw Refused(answer);
    }

    private async Task<TokenAnswer> SendAsync(string path, HttpContent content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(root, path)) { Content = content };
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return body.Length == 0 ? new TokenAnswer() : JsonSerializer.Deserialize(body, CliJson.Default.TokenAnswer) ?? new TokenAnswer();
        }
        catch (HttpRequestException exception)
        {
            throw new CliException(
                "UNREACHABLE", $"The server at {root} does not answer: {exception.Message}", ExitCode.Unreachable, "Check --base-url");
        }
    }

    private static CliException Refused(TokenAnswer answer) => new(
        answer.Error == "invalid_grant" ? "LOGIN_ENDED" : "LOGIN_REFUSED",
        answer.Error == "invalid_grant"
            ? "The login has ended."
            : $"The server refused the login: {answer.Description ?? answer.Error ?? "its answer has no reason"}",
        ExitCode.Refused,
        "zoetrope login --browser    logs in again");
}
