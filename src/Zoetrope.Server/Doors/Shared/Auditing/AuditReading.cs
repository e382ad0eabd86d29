using System.Text.Json;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Shared.Auditing;

/// <summary>A page of the audit log, as an account's owner and the operator read it.</summary>
internal static class AuditReading
{
    public const string Actions = "One action, such as `key.created`, or all of a kind with a full stop at the end, such as `key.`.";

    private const int MaxAction = 100;

    /// <param name="query">Of the request.</param>
    /// <param name="database">Where the log is.</param>
    /// <param name="accountId">Whose; null for all.</param>
    /// <param name="forOperator">An account does not see where the operator sits.</param>
    public static async Task<Answer> ReadAsync(IQueryCollection query, Database database, string? accountId, bool forOperator)
    {
        if (Paging.Read(query["limit"], query["cursor"], AuditLog.Prefix).Failed(out var problem, out var page)
            || QueryTime.Read("from", query["from"]).Failed(out problem, out var from)
            || QueryTime.Read("to", query["to"]).Failed(out problem, out var to))
        {
            return problem;
        }

        string? action = query["action"];
        if (action is not null && (action.Length is 0 or > MaxAction || action.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz._")))
        {
            return Problems.InvalidParameter.With(
                "action must be a word of the log.", "action", ShortText.Of(action), "such as key.created, or key. for all that begin so");
        }

        var filter = new AuditFilter(accountId, action, from, to);
        var rows = await database.ReadAsync(session => AuditLog.ListAsync(session, filter, page.Limit + 1, page.After));
        return Answer.Json(
            new Envelope<AuditPage>(new AuditPage(
                [.. rows.Take(page.Limit).Select(row => Wire(row, forOperator))], page.NextCursor(rows, row => row.Id))),
            AuditJson.Default.EnvelopeAuditPage);
    }

    private static AuditRecord Wire(AuditRow row, bool forOperator) =>
        new(row.Id, WireTime.Text(row.At), row.Actor, row.Door, row.Action, row.Target, row.Number, row.Hash)
        {
            AccountId = row.AccountId.Length == 0 ? null : row.AccountId,
            ActorId = row.ActorId,
            PersonId = row.PersonId,
            Before = Json(row.BeforeChange),
            After = Json(row.AfterChange),
            Address = forOperator || row.Actor is not "operator" ? row.Address : null,
            RequestId = row.RequestId,
        };

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<AuditPage>), TypeInfoPropertyName = "EnvelopeAuditPage")]
internal sealed partial class AuditJson : JsonSerializerContext;
