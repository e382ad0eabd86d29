using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli;

/// <summary>What is printed with <c>--json</c>, in the words of the wire, and what is kept in files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(SortedDictionary<string, Profile>))]
[JsonSerializable(typeof(GenerateRequest))]
[JsonSerializable(typeof(TaskCreated))]
[JsonSerializable(typeof(UpscaleCreated))]
[JsonSerializable(typeof(TaskState))]
[JsonSerializable(typeof(TaskPage))]
[JsonSerializable(typeof(Estimate))]
[JsonSerializable(typeof(ModelListing))]
[JsonSerializable(typeof(IReadOnlyList<ModelListing>))]
[JsonSerializable(typeof(CreditBalance))]
[JsonSerializable(typeof(AdminKey))]
[JsonSerializable(typeof(WebhookState))]
[JsonSerializable(typeof(WebhookDeliveryState))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class CliJson : JsonSerializerContext;
