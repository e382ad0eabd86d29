namespace Zoetrope.Contracts.VicSee;

/// <summary>Answer of <c>POST /api/v1/upload</c>.</summary>
/// <param name="UploadUrl">PUT the bytes here, without an API key, with exactly the announced Content-Type.</param>
/// <param name="PublicUrl">Then use this as an input of a request.</param>
/// <param name="Key">The upload's name.</param>
/// <param name="ExpiresAt">When <c>uploadUrl</c> stops working.</param>
public sealed record UploadTarget(string UploadUrl, string PublicUrl, string Key, string ExpiresAt);
