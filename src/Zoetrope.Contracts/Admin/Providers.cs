using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.Admin;

/// <summary>The providers as they stand now.</summary>
/// <param name="Providers">By name.</param>
public sealed record AdminProviderList(IReadOnlyList<AdminProvider> Providers);

/// <summary>The state of a provider, as all nodes know it.</summary>
/// <param name="Name">The provider's name in routes and settings.</param>
/// <param name="Title">The vendor's name.</param>
/// <param name="Open">Whether it receives new work.</param>
/// <param name="Running">Tasks that hold one of its slots.</param>
/// <param name="Concurrency">Its slots.</param>
/// <param name="Keys">Its keys, by fingerprint.</param>
public sealed record AdminProvider(
    string Name, string Title, bool Open, long Running, int Concurrency, IReadOnlyList<AdminProviderKey> Keys)
{
    /// <summary>Why it receives no work, in the vendor's words or in those of the operator who paused it; absent while it does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>
    /// <c>healthy</c>, <c>slow</c>, <c>circuit_open</c> (it failed too often), <c>keys_refused</c>, <c>paused</c> by an operator, or
    /// <c>off</c>: not configured.
    /// </summary>
    public string State { get; init; } = "healthy";

    /// <summary>Whether it has what it needs to be called.</summary>
    public bool Configured { get; init; } = true;

    /// <summary>The setting that enables it; absent where it is configured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EnabledBy { get; init; }

    /// <summary>Since when an operator has paused it, ISO 8601; absent while it is in service.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PausedAt { get; init; }

    /// <summary>When a submit may go to it again, ISO 8601; absent while they do, and while it is paused.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NextTryAt { get; init; }

    /// <summary>What it answered in the last 24 hours.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AdminProviderDay? LastDay { get; init; }
}

/// <summary>What a provider answered in 24 hours.</summary>
/// <param name="Accepted">Tasks that it took.</param>
/// <param name="Completed">Tasks that it made.</param>
/// <param name="Failures">Failures by kind, such as <c>rate_limited</c> or <c>unknown_outcome</c>; kinds without any are absent.</param>
/// <param name="MedianMs">Half of the completed tasks took no longer; <see langword="null"/> where there are none.</param>
public sealed record AdminProviderDay(long Accepted, long Completed, IReadOnlyDictionary<string, long> Failures, long? MedianMs);

/// <summary>What a provider answered, by the minute.</summary>
/// <param name="Provider">Its name.</param>
/// <param name="Minutes">Those that had something, oldest first.</param>
public sealed record AdminProviderHistory(string Provider, IReadOnlyList<AdminProviderMinute> Minutes);

/// <summary>What a provider answered in one minute.</summary>
/// <param name="Minute">Its beginning, ISO 8601.</param>
/// <param name="Accepted">Tasks that it took.</param>
/// <param name="Completed">Tasks that it made.</param>
/// <param name="Failures">Failures by kind.</param>
/// <param name="MedianMs">Half of the completed tasks took no longer; <see langword="null"/> where there are none.</param>
public sealed record AdminProviderMinute(
    string Minute, long Accepted, long Completed, IReadOnlyDictionary<string, long> Failures, long? MedianMs);

/// <summary>The last failures of a provider.</summary>
/// <param name="Provider">Its name.</param>
/// <param name="Errors">Newest first.</param>
public sealed record AdminProviderErrors(string Provider, IReadOnlyList<AdminProviderError> Errors);

/// <summary>An attempt that failed.</summary>
/// <param name="At">When, ISO 8601.</param>
/// <param name="TaskId">The task.</param>
/// <param name="AccountId">The account that ordered it.</param>
/// <param name="AttemptId">Our id of the attempt.</param>
/// <param name="ProviderModel">The provider's name of the model.</param>
/// <param name="State"><c>refused</c>, <c>unknown</c>, <c>unresolved</c> or <c>ended</c>.</param>
/// <param name="Words">The provider's words.</param>
public sealed record AdminProviderError(
    string At, string TaskId, string AccountId, string AttemptId, string ProviderModel, string State, string Words);

/// <summary>Whether a provider is in service.</summary>
/// <param name="Provider">Its name.</param>
/// <param name="Paused">Whether it is not.</param>
public sealed record AdminProviderPause(string Provider, bool Paused)
{
    /// <summary>The operator's reason; <see langword="null"/> while it is in service.</summary>
    public string? Reason { get; init; }

    /// <summary>Since when, ISO 8601.</summary>
    public string? Since { get; init; }
}

/// <summary>What free calls proved of a provider's keys.</summary>
/// <param name="Provider">Its name.</param>
/// <param name="Keys">One for each key.</param>
public sealed record AdminProviderTest(string Provider, IReadOnlyList<AdminKeyCheck> Keys);

/// <summary>What a free call proved of a key.</summary>
/// <param name="Id">A fingerprint; the key itself is never shown.</param>
/// <param name="Result"><c>proven</c>, <c>not_provable</c>, <c>rejected</c> or <c>unreachable</c>.</param>
/// <param name="Detail">The provider's words.</param>
public sealed record AdminKeyCheck(string Id, string Result, string Detail);

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
