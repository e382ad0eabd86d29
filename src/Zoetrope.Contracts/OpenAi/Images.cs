namespace Zoetrope.Contracts.OpenAi;

/// <summary>
/// Body of <c>POST /v1/images/generations</c>; fields that are not listed are ignored unless the model has a parameter of that
/// name.
/// </summary>
/// <param name="Model">A model id, its family or an alias.</param>
/// <param name="Prompt">What to draw.</param>
/// <param name="N">1 to 10 images; each is its own task, and either all are admitted and held or none.</param>
/// <param name="Size"><c>1024x1024</c>, another width x height the model can make, or <c>auto</c>.</param>
/// <param name="Quality">A quality of the model, <c>standard</c>, <c>hd</c> or <c>auto</c>.</param>
/// <param name="OutputFormat"><c>png</c>, <c>jpeg</c> or <c>webp</c>, if the model can make it.</param>
/// <param name="ResponseFormat"><c>b64_json</c> (default) or <c>url</c>.</param>
/// <param name="Stream">Answer with server-sent events.</param>
public sealed record OpenAiImageRequest(
    string Model,
    string Prompt,
    int? N,
    string? Size,
    string? Quality,
    string? OutputFormat,
    string? ResponseFormat,
    bool? Stream);

/// <summary>Answer of the image endpoints.</summary>
/// <param name="Created">Unix seconds.</param>
/// <param name="Data">The images; fewer than requested if some failed, which were not charged.</param>
/// <param name="Size">Its pixels, <c>1024x1024</c>.</param>
/// <param name="OutputFormat"><c>png</c>, <c>jpeg</c> or <c>webp</c>.</param>
/// <param name="Quality">The quality it was made with, or <c>auto</c>.</param>
/// <param name="Background"><c>transparent</c>, <c>opaque</c> or <c>auto</c>.</param>
/// <param name="Usage">Always zeros: nothing is counted in tokens.</param>
public sealed record OpenAiImages(
    long Created,
    IReadOnlyList<OpenAiImage> Data,
    string Size,
    string OutputFormat,
    string Quality,
    string Background,
    OpenAiUsage Usage);

/// <summary>Tokens as OpenAI's clients expect them; all zero here, where prices are in credits.</summary>
/// <param name="InputTokens">0.</param>
/// <param name="InputTokensDetails">Zeros.</param>
/// <param name="OutputTokens">0.</param>
/// <param name="OutputTokensDetails">Zeros.</param>
/// <param name="TotalTokens">0.</param>
public sealed record OpenAiUsage(
    long InputTokens, OpenAiTokens InputTokensDetails, long OutputTokens, OpenAiTokens OutputTokensDetails, long TotalTokens);

/// <summary>Tokens by what they are of; all zero.</summary>
/// <param name="ImageTokens">0.</param>
/// <param name="TextTokens">0.</param>
public sealed record OpenAiTokens(long ImageTokens, long TextTokens);

/// <summary>One image, as base64 or as a signed URL.</summary>
/// <param name="B64Json">The file in base64.</param>
/// <param name="Url">Where it can be read without a key for a while.</param>
public sealed record OpenAiImage(string? B64Json, string? Url);
