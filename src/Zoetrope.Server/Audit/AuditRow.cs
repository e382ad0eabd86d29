using System.Security.Cryptography;
using System.Text.Json;

namespace Zoetrope.Server.Audit;

/// <summary>A row of <c>audit_log</c>; times are milliseconds.</summary>
internal sealed record AuditRow
{
    public const string Columns =
        """
        account_id, number, id, at, actor, actor_id, person_id, door, action, target, before_change, after_change, address, request_id, hash
        """;

    public string AccountId { get; init; } = "";

    /// <summary>Its place in the account's chain, from 1.</summary>
    public long Number { get; init; }

    public string Id { get; init; } = "";

    public long At { get; init; }

    public string Actor { get; init; } = "";

    public string? ActorId { get; init; }

    public string? PersonId { get; init; }

    public string Door { get; init; } = "";

    public string Action { get; init; } = "";

    public string Target { get; init; } = "";

    /// <summary>JSON.</summary>
    public string? BeforeChange { get; init; }

    /// <summary>JSON.</summary>
    public string? AfterChange { get; init; }

    public string? Address { get; init; }

    public string? RequestId { get; init; }

    public string Hash { get; init; } = "";

    /// <summary>What its hash must be: of everything in it, and of the hash of the row before.</summary>
    public string HashAfter(string previous) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes((object?[])
    [
        previous, AccountId, Number, Id, At, Actor, ActorId, PersonId, Door, Action, Target, BeforeChange, AfterChange, Address, RequestId,
    ])));
}
