namespace Zoetrope.Contracts.OpenAi;

/// <summary>Every refusal under <c>/v1</c>.</summary>
/// <param name="Error">What was wrong.</param>
public sealed record OpenAiError(OpenAiErrorBody Error);

/// <summary>OpenAI's four fields: all strings or null, because clients build their exception's text from them.</summary>
/// <param name="Message">What was wrong and what is allowed.</param>
/// <param name="Type">The class of the error: <c>invalid_request_error</c>, <c>server_error</c>, …</param>
/// <param name="Param">The request field at fault.</param>
/// <param name="Code">A stable code in lower case.</param>
public sealed record OpenAiErrorBody(string Message, string Type, string? Param, string? Code);
