using Spectre.Console;
using Zoetrope.Contracts.Admin;

namespace Zoetrope.Server.Hosting.Commands.Lookup;

/// <summary>What an id leads to, for a person to read from top to bottom.</summary>
internal static class FoundReport
{
    public static void Show(IAnsiConsole console, AdminFound found)
    {
        foreach (var record in found.Tasks)
        {
            Show(console, record);
        }

        Head(console, found.Log, "log", line =>
            $"{PlainLines.Seconds(line.Time)} {line.Level} {line.Category[(line.Category.LastIndexOf('.') + 1)..]}: {line.Message}");
    }

    private static void Show(IAnsiConsole console, AdminTaskRecord record)
    {
        var task = record.Task;
        Write($"{task.Id}  {task.Status}  {task.Mode}");
        Write($"  account   {task.AccountId}");
        Write($"  key       {task.KeyId}");
        Write($"  model     {task.Model} at {task.Provider}");
        Write($"  credits   {(task.Charged is { } charged ? $"{charged} charged of " : "")}{task.Quoted} quoted");
        Write($"  created   {task.CreatedAt}");
        Write("  finished  ", task.FinishedAt);
        Write("  request   ", task.RequestId);
        Write("  trace     ", task.TraceId);
        Write("  batch     ", task.BatchId);
        Write("  error     ", task.ErrorCode is null ? null : $"{task.ErrorCode}: {task.ErrorMessage}");
        foreach (var attempt in record.Attempts)
        {
            Write($"  attempt {attempt.Number}: {attempt.State} at {attempt.Provider}, {attempt.ProviderModel}");
            Write("    our id    ", attempt.Id);
            Write("    vendor's job      ", attempt.ProviderTaskId);
            Write("    vendor's request  ", attempt.ProviderRequestId);
            Write("    vendor's error    ", attempt.Error);
        }

        Head(console, record.Ledger, "ledger", line =>
            $"{PlainLines.Seconds(line.At)} {line.Kind} {line.Amount} from {line.From} to {line.To}{(line.Reason is { } why ? $": {why}" : "")}");
        Head(console, record.Events, "events", happened => $"{PlainLines.Seconds(happened.At)} {happened.Type}");
        Head(console, record.Webhooks, "webhooks", sent =>
            $"{sent.Id} {sent.State} {sent.Type}, sent {sent.Attempts} times{(sent.ResponseStatus is { } status ? $", {status}" : "")}");
        Write("");

        void Write(string label, string? value = "")
        {
            if (value is not null)
            {
                PlainLines.WriteLine(console, label + value);
            }
        }
    }

    private static void Head<T>(IAnsiConsole console, IReadOnlyList<T> items, string name, Func<T, string> line)
    {
        if (items.Count == 0)
        {
            return;
        }

        PlainLines.WriteLine(console, $"  {name}");
        foreach (var item in items)
        {
            PlainLines.WriteLine(console, "    " + line(item));
        }
    }
}
