using System.Text.Json;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>How the records are read and written, made by the compiler so that nothing is looked up at run time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GenerateRequest))]
[JsonSerializable(typeof(UploadRequest))]
[JsonSerializable(typeof(UpscaleImageRequest))]
[JsonSerializable(typeof(UpscaleVideoRequest))]
[JsonSerializable(typeof(BatchRequest))]
[JsonSerializable(typeof(ErrorEnvelope))]
[JsonSerializable(typeof(Envelope<JsonElement>))]
[JsonSerializable(typeof(TaskCancellation))]
[JsonSerializable(typeof(BatchCancellation))]
[JsonSerializable(typeof(Envelope<BatchState>))]
[JsonSerializable(typeof(Envelope<BatchPage>))]
[JsonSerializable(typeof(Envelope<IReadOnlyList<ModelListing>>))]
[JsonSerializable(typeof(Envelope<ModelListing>))]
[JsonSerializable(typeof(Envelope<UpscaleCreated>))]
[JsonSerializable(typeof(Envelope<TaskCreated>))]
[JsonSerializable(typeof(Envelope<TaskState>))]
[JsonSerializable(typeof(Envelope<TaskPage>))]
[JsonSerializable(typeof(Envelope<Estimate>))]
[JsonSerializable(typeof(Envelope<CreditBalance>))]
[JsonSerializable(typeof(Envelope<UploadTarget>))]
internal sealed partial class ClientJson : JsonSerializerContext;
