namespace Zoetrope.Contracts.OpenAi;

/// <summary>Answer of <c>GET /v1/models</c>.</summary>
/// <param name="Object">Always <c>list</c>.</param>
/// <param name="Data">The models the caller's key can use.</param>
public sealed record OpenAiModelList(string Object, IReadOnlyList<OpenAiModel> Data);

/// <summary>One model.</summary>
/// <param name="Id">The name to send as <c>model</c>.</param>
/// <param name="Object">Always <c>model</c>.</param>
/// <param name="Created">The day the model was announced in Unix seconds; 0 if it is not known.</param>
/// <param name="OwnedBy">Its vendor.</param>
public sealed record OpenAiModel(string Id, string Object, long Created, string OwnedBy);
