using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zoetrope.Cli.Logins;
using Zoetrope.Client;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli;

/// <summary>What is printed with <c>--json</c>, in the words of the wire, and what is kept in files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(SortedDictionary<string, Profile>))]
[JsonSerializable(typeof(TaskCreated))]
[JsonSerializable(typeof(UpscaleCreated))]
[JsonSerializable(typeof(TaskState))]
[JsonSerializable(typeof(TaskPage))]
[JsonSerializable(typeof(TaskCancellation))]
[JsonSerializable(typeof(BatchCancellation))]
[JsonSerializable(typeof(BatchState))]
[JsonSerializable(typeof(Estimate))]
[JsonSerializable(typeof(ModelListing))]
[JsonSerializable(typeof(IReadOnlyList<ModelListing>))]
[JsonSerializable(typeof(CreditBalance))]
[JsonSerializable(typeof(Redeemed))]
[JsonSerializable(typeof(AdminKey))]
[JsonSerializable(typeof(UsageReport))]
[JsonSerializable(typeof(BudgetState))]
[JsonSerializable(typeof(KeyState))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(MemberState))]
[JsonSerializable(typeof(InvitationState))]
[JsonSerializable(typeof(MeState))]
[JsonSerializable(typeof(GrantState))]
[JsonSerializable(typeof(WebhookState))]
[JsonSerializable(typeof(WebhookDeliveryState))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class CliJson : JsonSerializerContext;

/// <summary>What users write: a misspelt field is an error here, where the line is known.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(GenerateRequest))]
internal sealed partial class StrictJson : JsonSerializerContext;
