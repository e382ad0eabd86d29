using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>Body of <c>POST /api/v1/budgets</c>.</summary>
public sealed record BudgetRequest
{
    /// <summary>What people call it, 1–100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Which tasks: <c>account</c> (all), <c>key</c>, <c>member</c>, <c>user</c>, <c>tag</c> or <c>model</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>Whose, or with what: the id of a key, of a person or of a model, a user, or <c>name:value</c> of a tag.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Subject { get; init; }

    /// <summary><c>day</c>, <c>week</c> (from Monday), <c>month</c> or <c>total</c>, in UTC.</summary>
    public required string Period { get; init; }

    /// <summary>Credits a period.</summary>
    public required long Limit { get; init; }
}

/// <summary>Body of <c>PATCH /api/v1/budgets/{id}</c>; what is absent stays.</summary>
public sealed record BudgetPatch
{
    /// <summary>Another name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>Another limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Limit { get; init; }

    /// <summary>A higher limit for some time; null in the JSON ends it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BudgetRaise? Raise { get; init; }
}

/// <summary>A higher limit for some time.</summary>
/// <param name="Limit">Credits a period meanwhile.</param>
/// <param name="Until">When the usual limit holds again; ISO 8601.</param>
public sealed record BudgetRaise(long Limit, string Until);

/// <summary>A budget and what has been counted of it in the period that is now.</summary>
public sealed record BudgetState
{
    /// <summary>The budget's id (<c>budget_…</c>).</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary><c>account</c>, <c>key</c>, <c>member</c>, <c>user</c>, <c>tag</c> or <c>model</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>Whose, or with what; <see langword="null"/> for the account. Of a rotated key the first one.</summary>
    public required string? Subject { get; init; }

    /// <summary><c>day</c>, <c>week</c>, <c>month</c> or <c>total</c>.</summary>
    public required string Period { get; init; }

    /// <summary><c>test</c> or <c>live</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Credits a period.</summary>
    public required long Limit { get; init; }

    /// <summary>What holds instead for some time, or <see langword="null"/>.</summary>
    public required BudgetRaise? Raise { get; init; }

    /// <summary>Credits that tasks were charged, less refunds.</summary>
    public required long Used { get; init; }

    /// <summary>Credits held for tasks that have not ended.</summary>
    public required long Held { get; init; }

    /// <summary>Credits that a request may still cost.</summary>
    public required long Left { get; init; }

    /// <summary>How much of the limit in force is used and held.</summary>
    public required long Percent { get; init; }

    /// <summary>When it begins anew; <see langword="null"/> if never.</summary>
    public required string? ResetsAt { get; init; }

    /// <summary>Since when it counts; tasks from before are not in it.</summary>
    public required string CreatedAt { get; init; }
}

/// <summary>The budgets of the key's mode.</summary>
/// <param name="Budgets">The oldest first.</param>
public sealed record BudgetList(IReadOnlyList<BudgetState> Budgets);

/// <summary>The budget that has no room for a request.</summary>
/// <param name="Id">The budget's id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Limit">Credits a period, with a raise if there is one now.</param>
/// <param name="Used">Credits that tasks were charged.</param>
/// <param name="Held">Credits held for tasks that have not ended.</param>
/// <param name="ResetsAt">When it begins anew; <see langword="null"/> if never.</param>
public sealed record ReachedBudget(string Id, string Name, long Limit, long Used, long Held, string? ResetsAt);
