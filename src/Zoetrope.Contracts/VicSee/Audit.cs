using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>Answer of <c>GET /api/v1/audit</c>: who changed what, newest first.</summary>
/// <param name="Entries">The changes of this page.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record AuditPage(IReadOnlyList<AuditRecord> Entries, string? NextCursor);

/// <summary>One change of an account, of what belongs to it, or of the server.</summary>
/// <param name="Id">The entry (<c>aud_…</c>).</param>
/// <param name="At">When: ISO 8601, UTC, milliseconds.</param>
/// <param name="Actor">
/// Who: <c>key</c>, <c>grant</c> (a program), <c>session</c> (a person who is signed in), <c>operator</c>, <c>cli</c> (a command on the
/// server's machine) or <c>server</c>.
/// </param>
/// <param name="Door">How: <c>api</c>, <c>openai</c>, <c>mcp</c>, <c>oauth</c>, <c>admin</c>, <c>cli</c> or <c>server</c>.</param>
/// <param name="Action">What was done, such as <c>key.created</c>.</param>
/// <param name="Target">The id of what was changed.</param>
/// <param name="Number">Its place in the account's chain, from 1, without gaps.</param>
/// <param name="Hash">The hash of this entry and of the one before it.</param>
public sealed record AuditRecord(
    string Id, string At, string Actor, string Door, string Action, string Target, long Number, string Hash)
{
    /// <summary>Whose entry it is; <see langword="null"/> for the server's own.</summary>
    public string? AccountId { get; init; }

    /// <summary>The API key or grant that was used.</summary>
    public string? ActorId { get; init; }

    /// <summary>The person behind it, if the credential is a person's.</summary>
    public string? PersonId { get; init; }

    /// <summary>What it was; <see langword="null"/> for what is new. Never a secret or a prompt.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Before { get; init; }

    /// <summary>What it is now; <see langword="null"/> for what is gone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? After { get; init; }

    /// <summary>The IP address of the request; an account does not see the operator's.</summary>
    public string? Address { get; init; }

    /// <summary>The <c>X-Request-Id</c> of the request.</summary>
    public string? RequestId { get; init; }
}
