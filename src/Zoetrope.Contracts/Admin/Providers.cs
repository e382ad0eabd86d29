using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.Admin;

/// <summary>The configured providers as the answering process sees them now.</summary>
/// <param name="Providers">By name.</param>
public sealed record AdminProviderList(IReadOnlyList<AdminProvider> Providers);

/// <summary>The state of a provider. Each process learns it from the answers it gets.</summary>
/// <param name="Name">The provider's name in routes and settings.</param>
/// <param name="Title">The vendor's name.</param>
/// <param name="Open">Whether it receives new work.</param>
/// <param name="Running">Tasks that hold one of its slots.</param>
/// <param name="Concurrency">Its slots.</param>
/// <param name="Keys">Its keys, by fingerprint.</param>
public sealed record AdminProvider(
    string Name, string Title, bool Open, long Running, int Concurrency, IReadOnlyList<AdminProviderKey> Keys)
{
    /// <summary>Why it receives no work, in the vendor's words; absent while it does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}

/// <summary>One of a provider's keys.</summary>
/// <param name="Id">A fingerprint; the key itself is never shown.</param>
/// <param name="Weight">Its share of the submits.</param>
public sealed record AdminProviderKey(string Id, int Weight)
{
    /// <summary>Until when it is not used, ISO 8601; absent while it is in use.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ParkedUntil { get; init; }

    /// <summary>Why it is not used, in the vendor's words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}
