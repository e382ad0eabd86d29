using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <content>The session of whoever is signed in.</content>
public sealed partial class ZoetropeClient
{
    private const string OwnSession = "api/v1/session";

    /// <summary>Who is signed in; only for a client made by <see cref="OfSession"/>.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The session.</returns>
    public Task<SessionState> SessionAsync(CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => new HttpRequestMessage(HttpMethod.Get, OwnSession), SessionJson.Default.EnvelopeSessionState, cancellationToken);

    /// <summary>Proves again who uses the session, which what hands out access or money asks for (<c>PROOF_NEEDED</c>).</summary>
    /// <param name="proof">The password, and a code where there is an authenticator app.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The session with its new proof.</returns>
    public Task<SessionState> ProveAsync(SignInRequest proof, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => Transport.Once(Send(HttpMethod.Post, OwnSession + "/proof", JsonContent.Create(proof, SessionJson.Default.SignInRequest))),
        SessionJson.Default.EnvelopeSessionState,
        cancellationToken);
}

/// <summary>How sessions are read and proved.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(Envelope<SessionState>))]
internal sealed partial class SessionJson : JsonSerializerContext;
