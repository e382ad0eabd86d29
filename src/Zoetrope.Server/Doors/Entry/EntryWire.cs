using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.People;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>People, sessions and members as they are on the wire.</summary>
internal static class EntryWire
{
    public static PersonState Wire(Person person, long recoveryCodesLeft) => new(
        person.Id, person.Name, person.Email, person.IsOperator == 1, person.TotpSealed is not null, recoveryCodesLeft);

    public static MembershipState Wire(Membership membership) => new(
        membership.AccountId, membership.AccountName, membership.Role, Roles.ScopesOf(membership.Role).Words(), membership.SpendPerDay);

    public static MemberState Member(Membership membership) => new(
        membership.PersonId,
        membership.PersonName,
        membership.Email,
        membership.Role,
        membership.SpendPerDay,
        WireTime.Text(membership.CreatedAt))
    {
        SpendPerMonth = membership.SpendPerMonth,
        Models = membership.Models is { } models ? KeyLists.Models(models) : null,
    };

    public static InvitationState Wire(Invitation invitation) => new(
        invitation.Id,
        invitation.Role,
        invitation.SpendPerDay,
        WireTime.Text(invitation.CreatedAt),
        WireTime.Text(invitation.ExpiresAt));

    public static Answer Of<T>(Outcome<T> outcome) => outcome.Failed(out var problem, out var value) ? problem : Ok(value);

    public static Answer Ok<T>(T data) =>
        Answer.Json(new Envelope<T>(data), (JsonTypeInfo<Envelope<T>>)EntryJson.Default.GetTypeInfo(typeof(Envelope<T>))!);

    /// <summary>An answer with a secret: no proxy or cache on the way may keep it.</summary>
    public static Answer Secret<T>(HttpContext context, Outcome<T> outcome)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Of(outcome);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<SessionState>), TypeInfoPropertyName = "EnvelopeSessionState")]
[JsonSerializable(typeof(Envelope<SessionList>), TypeInfoPropertyName = "EnvelopeSessionList")]
[JsonSerializable(typeof(Envelope<EndedState>), TypeInfoPropertyName = "EnvelopeEndedState")]
[JsonSerializable(typeof(Envelope<AuthenticatorSecret>), TypeInfoPropertyName = "EnvelopeAuthenticatorSecret")]
[JsonSerializable(typeof(Envelope<RecoveryCodeList>), TypeInfoPropertyName = "EnvelopeRecoveryCodeList")]
[JsonSerializable(typeof(Envelope<PasskeyList>), TypeInfoPropertyName = "EnvelopePasskeyList")]
[JsonSerializable(typeof(Envelope<PasskeyOptions>), TypeInfoPropertyName = "EnvelopePasskeyOptions")]
[JsonSerializable(typeof(Envelope<OutsideLoginList>), TypeInfoPropertyName = "EnvelopeOutsideLoginList")]
[JsonSerializable(typeof(Envelope<MemberList>), TypeInfoPropertyName = "EnvelopeMemberList")]
[JsonSerializable(typeof(Envelope<MemberState>), TypeInfoPropertyName = "EnvelopeMemberState")]
[JsonSerializable(typeof(Envelope<InvitationList>), TypeInfoPropertyName = "EnvelopeInvitationList")]
[JsonSerializable(typeof(Envelope<InvitationState>), TypeInfoPropertyName = "EnvelopeInvitationState")]
internal sealed partial class EntryJson : JsonSerializerContext;
