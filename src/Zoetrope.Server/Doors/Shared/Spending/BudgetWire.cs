using System.Text.Json;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Budgets;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Ledger;

namespace Zoetrope.Server.Doors.Shared.Spending;

/// <summary>Budgets as customers and the operator read and write them.</summary>
internal static class BudgetWire
{
    private const int MaxName = 100;
    private const int MaxSubject = 256;

    public static Answer Of(Outcome<BudgetLine> outcome, TimeProvider time) => outcome.Failed(out var problem, out var line)
        ? problem
        : Answer.Json(new Envelope<BudgetState>(State(line, time.GetUtcNow())), BudgetJson.Default.EnvelopeBudgetState);

    public static Answer Of(List<BudgetLine> lines, TimeProvider time) => Answer.Json(
        new Envelope<BudgetList>(new BudgetList(lines.ConvertAll(line => State(line, time.GetUtcNow())))),
        BudgetJson.Default.EnvelopeBudgetList);

    /// <summary>The budget that a body asks for.</summary>
    public static Outcome<Budget> Read(RequestFields fields, CatalogHolder catalog, string account, KeyMode mode)
    {
        var name = fields.Text("name", MaxName, required: true);
        var scope = fields.OneOf("scope", BudgetScopes.All, required: true);
        var subject = fields.Text("subject", MaxSubject);
        var period = fields.OneOf("period", BudgetPeriods.All, required: true);
        var limit = fields.Integer("limit", 1, CreditLedger.MaxAmount, required: true);
        if ((fields.Problem() ?? Check(scope!, subject, catalog)) is { } problem)
        {
            return problem;
        }

        return new Budget
        {
            AccountId = account,
            Id = "",
            Mode = mode,
            Name = name!,
            Scope = scope!,
            Subject = scope == BudgetScopes.Account ? ""
                : scope == BudgetScopes.Model ? catalog.Current.Find(subject!)!.Id
                : subject!,
            Period = period!,
            Limit = limit!.Value,
            CreatedAt = 0,
        };
    }

    /// <summary>What a body changes.</summary>
    public static Outcome<BudgetChange> ReadChange(RequestFields fields, TimeProvider time)
    {
        var name = fields.Text("name", MaxName);
        var limit = fields.Integer("limit", 1, CreditLedger.MaxAmount);
        var raised = fields.Raw("raise");
        if (fields.Problem() is { } problem)
        {
            return problem;
        }

        var change = new BudgetChange { Name = name, Limit = limit };
        if (raised is not { } raise)
        {
            return change;
        }

        if (raise.ValueKind == JsonValueKind.Null)
        {
            return change with { EndsRaise = true };
        }

        if (raise.ValueKind != JsonValueKind.Object)
        {
            return Problems.InvalidParameter.With("raise must be an object, or null to end it.", "raise", allowed: "{limit, until}, null");
        }

        var inner = new RequestFields(raise);
        var (to, until) = (inner.Integer("limit", 1, CreditLedger.MaxAmount, required: true), inner.Instant("until"));
        if (inner.Problem() is { } wrong)
        {
            return wrong with { Field = $"raise.{wrong.Field}" };
        }

        return until is { } end && end > time.GetUtcNow()
            ? change with { Raise = (to!.Value, end) }
            : Problems.InvalidParameter.With("raise.until must be a time to come.", "raise.until", allowed: "2030-01-31T00:00:00Z");
    }

    private static Problem? Check(string scope, string? subject, CatalogHolder catalog)
    {
        if (scope == BudgetScopes.Account)
        {
            return subject is null ? null : Problems.InvalidParameter.With(
                "A budget of the account has no subject.", "subject", ShortText.Of(subject), "no subject");
        }

        if (subject is null)
        {
            return Problems.MissingParameter.With($"A budget of a {scope} needs its subject.", "subject", allowed: Subjects(scope));
        }

        var fits = scope switch
        {
            BudgetScopes.Tag => subject.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
                && Attribution.Check(new Tag(subject[..colon], subject[(colon + 1)..]), "subject", "") is null,
            BudgetScopes.User => Attribution.IsText(subject, Attribution.MaxUserLength),
            BudgetScopes.Model => catalog.Current.Find(subject) is not null,
            _ => true,
        };
        return fits ? null : Problems.InvalidParameter.With(
            $"This cannot be the subject of a budget of a {scope}.", "subject", ShortText.Of(subject), Subjects(scope));
    }

    private static string Subjects(string scope) => scope switch
    {
        BudgetScopes.Key => "the id of an API key",
        BudgetScopes.Member => "the id of a person",
        BudgetScopes.User => $"a user of yours, 1 to {Attribution.MaxUserLength} characters",
        BudgetScopes.Tag => "name:value of a tag, for example team:red",
        _ => "a model's id; GET /api/v1/models lists them",
    };

    public static BudgetState State(BudgetLine line, DateTimeOffset now)
    {
        var (budget, at) = (line.Budget, now.ToUnixTimeMilliseconds());
        var end = BudgetPeriods.End(budget.Period, line.StartsAt);
        return new BudgetState
        {
            Id = budget.Id,
            Name = budget.Name,
            Scope = budget.Scope,
            Subject = budget.Subject.Length == 0 ? null : budget.Subject,
            Period = budget.Period,
            Mode = budget.Mode.Word(),
            Limit = budget.Limit,
            Raise = budget.RaisedTo is { } to && at < budget.RaisedUntil
                ? new BudgetRaise(to, WireTime.Text(budget.RaisedUntil.Value))
                : null,
            Used = line.Used,
            Held = line.Held,
            Left = Math.Max(0, line.Left(at)),
            Percent = line.Percent(at),
            ResetsAt = end is { } time ? WireTime.Text(time) : null,
            CreatedAt = WireTime.Text(budget.CreatedAt),
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<BudgetState>))]
[JsonSerializable(typeof(Envelope<BudgetList>))]
internal sealed partial class BudgetJson : JsonSerializerContext;
