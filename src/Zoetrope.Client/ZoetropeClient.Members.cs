using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <content>Who belongs to the account. A key needs the scope <c>members</c> for it.</content>
public sealed partial class ZoetropeClient
{
    private const string Members = "api/v1/account/members";
    private const string Invited = "api/v1/account/invitations";

    /// <summary>Everybody who belongs to the account, oldest first.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The members.</returns>
    public async Task<IReadOnlyList<MemberState>> MembersAsync(CancellationToken cancellationToken = default) =>
        (await _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, Members), MemberJson.Default.EnvelopeMemberList, cancellationToken)
            .ConfigureAwait(false)).Members;

    /// <summary>Changes what a member may do and spend.</summary>
    /// <param name="personId">The member's id.</param>
    /// <param name="request">What changes; null keeps one.</param>
    /// <param name="lift">Limits that are taken away: <c>spendPerDay</c>, <c>spendPerMonth</c>, <c>models</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The member as they are now.</returns>
    public Task<MemberState> ChangeMemberAsync(
        string personId, MemberRequest request, IReadOnlyCollection<string>? lift = null, CancellationToken cancellationToken = default)
    {
        var change = JsonSerializer.SerializeToNode(request, MemberJson.Default.MemberRequest)!.AsObject();
        foreach (var limit in lift ?? [])
        {
            change[limit] = null;
        }

        return _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Patch, $"{Members}/{Uri.EscapeDataString(personId)}")
            {
                Content = JsonContent.Create(change, MemberJson.Default.JsonObject),
            },
            MemberJson.Default.EnvelopeMemberState,
            cancellationToken);
    }

    /// <summary>Removes a member: their browsers, keys and programs stop working at once.</summary>
    /// <param name="personId">The member's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The member as they were.</returns>
    public Task<MemberState> RemoveMemberAsync(string personId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Delete, $"{Members}/{Uri.EscapeDataString(personId)}")),
            MemberJson.Default.EnvelopeMemberState,
            cancellationToken);

    /// <summary>The open invitations, newest first, without their links.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The invitations.</returns>
    public async Task<IReadOnlyList<InvitationState>> InvitationsAsync(CancellationToken cancellationToken = default) =>
        (await _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, Invited), MemberJson.Default.EnvelopeInvitationList, cancellationToken)
            .ConfigureAwait(false)).Invitations;

    /// <summary>Makes a link that lets one person in. It is in the answer and is not shown again.</summary>
    /// <param name="request">What the person shall be.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The invitation with its link.</returns>
    public Task<InvitationState> InviteAsync(InvitationRequest request, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Post, Invited)
            {
                Content = JsonContent.Create(request, MemberJson.Default.InvitationRequest),
            }),
            MemberJson.Default.EnvelopeInvitationState,
            cancellationToken);

    /// <summary>Withdraws an invitation; its link lets nobody in any more.</summary>
    /// <param name="invitationId">The invitation's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Its id.</returns>
    public Task<EndedState> WithdrawInvitationAsync(string invitationId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Delete, $"{Invited}/{Uri.EscapeDataString(invitationId)}")),
            MemberJson.Default.EnvelopeEndedState,
            cancellationToken);
}

/// <summary>How members are read and written; what is not named is left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(MemberRequest))]
[JsonSerializable(typeof(InvitationRequest))]
[JsonSerializable(typeof(Envelope<MemberList>))]
[JsonSerializable(typeof(Envelope<MemberState>))]
[JsonSerializable(typeof(Envelope<InvitationList>))]
[JsonSerializable(typeof(Envelope<InvitationState>))]
[JsonSerializable(typeof(Envelope<EndedState>))]
internal sealed partial class MemberJson : JsonSerializerContext;
