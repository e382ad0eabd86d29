using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;
using Field = Zoetrope.Server.Admission.Commit.GenerationColumn;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>What a commit group inserts, for both databases. Each row's values are written beside its columns.</summary>
internal static class CommitTables
{
    public static readonly Insert<NewTask> Generations = new(
        "generations",
        [
            Text(Field.AccountId, task => task.Caller.AccountId),
            Text(Field.Id, task => task.Id),
            Number(Field.Mode, task => (long)task.Caller.Mode),
            Text(Field.KeyId, task => task.Caller.ApiKeyId),
            Always(Field.Status, "'queued'"),
            Always(Field.Version, "1"),
            Text(Field.Model, task => task.Order.Model.Id),
            Text(Field.Media, task => task.Order.Model.MediaType.Word()),
            Text(Field.Prompt, task => task.Order.Prompt),
            Text(Field.Parameters, task => task.Order.Parameters),
            Text(Field.Inputs, task => task.Order.InputsColumn),
            Text(Field.Output, task => task.Order.OutputColumn),
            Number(Field.Route, task => task.Order.Route.Route),
            Text(Field.Provider, task => task.Order.Route.Provider),
            Always(Field.Attempts, "0"),
            Always(Field.Retries, "0"),
            Number(Field.Quoted, task => task.Order.Credits),
            Always(Field.CancelRequested, "0"),
            Number(Field.CreatedAt, task => task.At),
            Number(Field.NextRunAt, task => task.At),
            Text(Field.BatchId, task => task.Submit.BatchId),
            Column<NewTask>.Optional(Field.BatchIndex.Name(), task => task.Submit.BatchId is null ? null : task.Index),

            Text(Field.Tags, task => task.Order.TagsColumn),
            Text(Field.EndUser, task => task.Order.Attribution.User),
            Text(Field.PersonId, task => task.Caller.PersonId),
            Text(Field.Budgets, task => task.Submit.Budgets?[task.Index]),

            // Read by those who work on a task, once each, and by the operator; not by every read of the task.
            Column<NewTask>.Text("request_id", task => task.Submit.Trail?.RequestId),
            Column<NewTask>.Text("trace_id", task => task.Submit.Trail?.TraceId),
            Column<NewTask>.Text("span_id", task => task.Submit.Trail?.SpanId),
        ]);

    public static readonly Insert<NewTask> Holds = new(
        "ledger_transfers",
        [
            Column<NewTask>.Text("account_id", task => task.Caller.AccountId),
            Column<NewTask>.Text("id", task => CreditLedger.HoldId(task.Id)),
            Column<NewTask>.Number("mode", task => (long)task.Caller.Mode),
            Column<NewTask>.Always("kind", "'hold'"),
            Column<NewTask>.Always("debit", "'available'"),
            Column<NewTask>.Always("credit", "'held'"),
            Column<NewTask>.Number("amount", task => task.Order.Credits),
            Column<NewTask>.Text("generation_id", task => task.Id),
            Column<NewTask>.Number("created_at", task => task.At),
        ]);

    /// <summary>Where a tag is looked up; most tasks have none.</summary>
    public static readonly Insert<NewTag> Tags = new(
        "generation_tags",
        [
            Column<NewTag>.Text("account_id", row => row.AccountId),
            Column<NewTag>.Text("id", row => row.TaskId),
            Column<NewTag>.Text("name", row => row.Tag.Name),
            Column<NewTag>.Text("value", row => row.Tag.Value),
        ]);

    public static readonly Insert<NewRow> Batches = new(
        "batches",
        [
            Column<NewRow>.Text("account_id", row => row.Submit.Caller.AccountId),
            Column<NewRow>.Text("id", row => row.Submit.BatchId),
            Column<NewRow>.Number("mode", row => (long)row.Submit.Caller.Mode),
            Column<NewRow>.Text("key_id", row => row.Submit.Caller.ApiKeyId),
            Column<NewRow>.Number("total", row => row.Submit.Orders.Count),
            Column<NewRow>.Number("open", row => row.Submit.Orders.Count),
            Column<NewRow>.Number("created_at", row => row.At),
        ]);

    public static readonly Insert<NewRow> Answers = new(
        "idempotency_keys",
        [
            Column<NewRow>.Text("account_id", row => row.Submit.Caller.AccountId),
            Column<NewRow>.Number("mode", row => (long)row.Submit.Caller.Mode),
            Column<NewRow>.Text("key", row => row.Submit.Idempotent!.Key),
            Column<NewRow>.Bytes("fingerprint", row => row.Submit.Idempotent!.Fingerprint),
            Column<NewRow>.Text("generation_id", row => row.Submit.Made!.Id),
            Column<NewRow>.Text("response", row => row.Submit.Answer),
            Column<NewRow>.Number("created_at", row => row.At),
        ]);

    private static Column<NewTask> Text(Field column, Func<NewTask, string?> value) => Column<NewTask>.Text(column.Name(), value);

    private static Column<NewTask> Number(Field column, Func<NewTask, long> value) => Column<NewTask>.Number(column.Name(), value);

    private static Column<NewTask> Always(Field column, string sql) => Column<NewTask>.Always(column.Name(), sql);
}

/// <summary>One task of an accepted submit, and when it was committed.</summary>
internal readonly record struct NewTask(Submit Submit, int Index, long At)
{
    public Caller Caller => Submit.Caller;

    public Order Order => Submit.Orders[Index];

    public string Id => Submit.Made!.TaskIds[Index];
}

/// <summary>A tag of a task.</summary>
internal readonly record struct NewTag(string AccountId, string TaskId, Tag Tag)
{
    public static IEnumerable<NewTag> Of(NewTask task) =>
        task.Order.Attribution.Tags.Select(tag => new NewTag(task.Caller.AccountId, task.Id, tag));
}

/// <summary>An accepted submit that has its own row besides those of its tasks.</summary>
internal readonly record struct NewRow(Submit Submit, long At);
