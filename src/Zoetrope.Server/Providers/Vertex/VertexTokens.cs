using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;
using Google.Apis.Util;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Vertex;

/// <summary>
/// Access tokens for service accounts. A key is the path of its JSON file; the library signs, asks and keeps the token until
/// shortly before it ends.
/// </summary>
/// <param name="baseUrl">The provider's base URL; the only other origin that a key file may name for tokens.</param>
/// <param name="egress">The way out.</param>
/// <param name="time">When tokens end.</param>
internal sealed class VertexTokens(Uri baseUrl, EgressClient egress, TimeProvider time)
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private const string GoogleTokenUrl = "https://oauth2.googleapis.com/token";
    private readonly ConcurrentDictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    public async Task<VertexAccess> GetAsync(ProviderKey key, CancellationToken cancellationToken)
    {
        if (!_accounts.TryGetValue(key.Id, out var account))
        {
            var (read, wrong) = await ReadAsync(key.Secret, cancellationToken);
            if (read is null)
            {
                return new VertexAccess.Denied(new ProviderError(ProviderErrorKind.Auth, "key_file", wrong));
            }

            account = _accounts.GetOrAdd(key.Id, read);
        }

        try
        {
            return new VertexAccess.Granted(
                await account.Credential.GetAccessTokenForRequestAsync(null, cancellationToken), account.Project, account.Email);
        }
        catch (TokenResponseException refused) when ((int?)refused.StatusCode is null or (>= 400 and < 500 and not 429))
        {
            Forget(key);
            return new VertexAccess.Denied(
                new ProviderError(
                    ProviderErrorKind.Auth, refused.Error?.Error ?? "token", refused.Error?.ErrorDescription ?? "The token was refused."));
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Nothing of the paid call has left yet.
            return new VertexAccess.Denied(new ProviderError(ProviderErrorKind.Unavailable, "token", $"No token: {exception.Message}"));
        }
    }

    /// <summary>A token was not taken: the next call reads the file anew and asks for another.</summary>
    public void Forget(ProviderKey key) => _accounts.TryRemove(key.Id, out _);

    /// <summary>Whether a token may be asked for there. The file comes from outside: it must not choose where signed claims go.</summary>
    public static bool MayAsk(string tokenUrl, Uri baseUrl) =>
        tokenUrl == GoogleTokenUrl
            || (Uri.TryCreate(tokenUrl, UriKind.Absolute, out var url)
                && Uri.Compare(
                    url, baseUrl, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0);

    private async Task<(Account? Account, string Wrong)> ReadAsync(string path, CancellationToken cancellationToken)
    {
        // No message of a parser or of the file system here: it could quote the file.
        try
        {
            using var file = JsonDocument.Parse(await File.ReadAllTextAsync(path, cancellationToken));
            var json = file.RootElement;
            if (json.TextAt("type") != "service_account"
                || json.TextAt("client_email") is not { } email
                || json.TextAt("private_key") is not { } privateKey)
            {
                return (null,
                    "The key file does not belong to a service account. Create a JSON key for a service account in Google Cloud.");
            }

            var tokenUrl = json.TextAt("token_uri") ?? GoogleTokenUrl;
            if (!MayAsk(tokenUrl, baseUrl))
            {
                return (null, $"The key file's token_uri is not {GoogleTokenUrl}.");
            }

            var credential = new ServiceAccountCredential(new ServiceAccountCredential.Initializer(email, tokenUrl)
            {
                Scopes = [Scope],
                KeyId = json.TextAt("private_key_id"),
                Clock = new Clock(time),
                HttpClientFactory = new Outbound(egress.ForOperator(new Uri(tokenUrl))),
            }.FromPrivateKey(privateKey));
            return (new Account(credential, email, json.TextAt("project_id") ?? ""), "");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null,
                "The key file cannot be read: Zoetrope__Providers__vertex__ApiKey "
                + "must be the path of a service account's JSON file.");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or CryptographicException
            or InvalidOperationException)
        {
            return (null, "The key file is damaged. Download a new JSON key from Google Cloud.");
        }
    }

    private sealed record Account(ServiceAccountCredential Credential, string Email, string Project);

    private sealed class Clock(TimeProvider time) : IClock
    {
        public DateTime Now => time.GetLocalNow().DateTime;

        public DateTime UtcNow => time.GetUtcNow().UtcDateTime;
    }

    /// <summary>Lets the library speak through our own way out only.</summary>
    private sealed class Outbound(HttpClient client) : HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => new Forward(client);
    }

    private sealed class Forward(HttpClient client) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // A message can be sent by one client only.
            var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = request.Content };
            foreach (var (name, values) in request.Headers)
            {
                copy.Headers.TryAddWithoutValidation(name, values);
            }

            return await client.SendAsync(copy, cancellationToken);
        }
    }
}

/// <summary>What asking for a token gave.</summary>
internal abstract record VertexAccess
{
    internal sealed record Granted(string Token, string Project, string Email) : VertexAccess;

    internal sealed record Denied(ProviderError Error) : VertexAccess;
}
