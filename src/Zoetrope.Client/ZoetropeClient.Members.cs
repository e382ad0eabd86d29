using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <content>Who belongs to the account, and the session of whoever is signed in.</content>
public sealed partial class ZoetropeClient
{
    /// <summary>Who is signed in; only for a client made by <see cref="OfSession"/>.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The session.</returns>
    public Task<SessionState> SessionAsync(CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => new HttpRequestMessage(HttpMethod.Get, "api/v1/session"), MemberJson.Default.EnvelopeSessionState, cancellationToken);

    /// <summary>Proves again who uses the session, which what hands out access or money asks for (<c>PROOF_NEEDED</c>).</summary>
    /// <param name="proof">The password, and a code where there is an authenticator app.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The session with its new proof.</returns>
    public Task<SessionState> ProveAsync(SignInRequest proof, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => Transport.Once(Send(HttpMethod.Post, "api/v1/session/proof", JsonContent.Create(proof, MemberJson.Default.SignInRequest))),
        MemberJson.Default.EnvelopeSessionState,
        cancellationToken);

    /// <summary>Everybody who belongs to the account; it needs the scope <c>members</c>.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The oldest first.</returns>
    public async Task<IReadOnlyList<MemberState>> MembersAsync(CancellationToken cancellationToken = default) => (await _transport.CallAsync(
        () => new HttpRequestMessage(HttpMethod.Get, MemberRoot), MemberJson.Default.EnvelopeMemberList, cancellationToken).ConfigureAwait(false)).Members;

    /// <summary>Changes a member's role or cap.</summary>
    /// <param name="personId">The person's id.</param>
    /// <param name="request">What changes; null keeps it.</param>
    /// <param name="removeCap">Takes the cap away.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The member as they are now.</returns>
    public Task<MemberState> ChangeMemberAsync(
        string personId, MemberRequest request, bool removeCap = false, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () =>
        {
            var change = new JsonObject();
            if (request.Role is { } role)
            {
                change["role"] = role;
            }

            if (removeCap || request.SpendPerDay is not null)
            {
                change["spendPerDay"] = removeCap ? null : request.SpendPerDay;
            }

            return Send(HttpMethod.Patch, Member(personId), JsonContent.Create(change, KeyJson.Default.JsonObject));
        },
        MemberJson.Default.EnvelopeMemberState,
        cancellationToken);

    /// <summary>Removes a member with their sessions, keys and programs. What they made stays.</summary>
    /// <param name="personId">The person's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Who it was.</returns>
    public Task<MemberState> RemoveMemberAsync(string personId, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => Transport.Once(new HttpRequestMessage(HttpMethod.Delete, Member(personId))), MemberJson.Default.EnvelopeMemberState, cancellationToken);

    /// <summary>The invitations that are open.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The newest first, without their links.</returns>
    public async Task<IReadOnlyList<InvitationState>> InvitationsAsync(CancellationToken cancellationToken = default) => (await _transport.CallAsync(
        () => new HttpRequestMessage(HttpMethod.Get, InvitationRoot), MemberJson.Default.EnvelopeInvitationList, cancellationToken)
        .ConfigureAwait(false)).Invitations;

    /// <summary>Makes a link that lets one person into the account. It is in the answer and is not shown again.</summary>
    /// <param name="request">What the person shall be.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The invitation with its link.</returns>
    public Task<InvitationState> InviteAsync(InvitationRequest request, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => Transport.Once(Send(HttpMethod.Post, InvitationRoot, JsonContent.Create(request, MemberJson.Default.InvitationRequest))),
        MemberJson.Default.EnvelopeInvitationState,
        cancellationToken);

    /// <summary>Ends an invitation that nobody has used.</summary>
    /// <param name="invitationId">The invitation's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>When its link no longer works.</returns>
    public Task WithdrawInvitationAsync(string invitationId, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => Transport.Once(new HttpRequestMessage(HttpMethod.Delete, $"{InvitationRoot}/{Uri.EscapeDataString(invitationId)}")),
        MemberJson.Default.EnvelopeEndedState,
        cancellationToken);

    private const string MemberRoot = "api/v1/account/members";
    private const string InvitationRoot = "api/v1/account/invitations";

    private static string Member(string id) => $"{MemberRoot}/{Uri.EscapeDataString(id)}";

    private static HttpRequestMessage Send(HttpMethod method, string path, HttpContent content) => new(method, path) { Content = content };
}

/// <summary>How members and sessions are read and written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(InvitationRequest))]
[JsonSerializable(typeof(Envelope<SessionState>))]
[JsonSerializable(typeof(Envelope<MemberList>))]
[JsonSerializable(typeof(Envelope<MemberState>))]
[JsonSerializable(typeof(Envelope<InvitationList>))]
[JsonSerializable(typeof(Envelope<InvitationState>))]
[JsonSerializable(typeof(Envelope<EndedState>))]
internal sealed partial class MemberJson : JsonSerializerContext;
