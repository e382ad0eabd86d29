namespace Zoetrope.Studio.Operate.Vouchers;

/// <summary>A batch to make.</summary>
public sealed record Wanted(int Count, string Mode, long Credits, string? Note, DateTimeOffset? ExpiresAt);
