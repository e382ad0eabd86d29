using System.Text.Json;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// What a caller without the scope `read` is told when it ends a task or a batch, and at the <c>webhookUrl</c> of its requests: the
/// id and the status, and nothing of what is in it.
/// </summary>
internal sealed record Receipt(string Id, string Status)
{
    /// <summary>Whether the provider has yet to decide about the cancel, or declined it.</summary>
    public string? Cancel { get; init; }

    /// <summary>Whether this is all that the caller may know.</summary>
    public static bool IsEnoughFor(Caller caller) => !caller.Scopes.HasFlag(Scopes.Read);

    public static Receipt Of(Generation task) => new(task.Id, StatusWords.Of(task.Status))
    {
        Cancel = task.IsTerminal || task.Cancel is CancelState.None ? null
            : task.Cancel is CancelState.Requested ? "requested" : "declined",
    };

    public static void Write(Utf8JsonWriter writer, Receipt receipt)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, receipt.Id);
        writer.WriteString("status"u8, receipt.Status);
        writer.WriteOptional("cancel"u8, receipt.Cancel);
        writer.WriteEndObject();
    }
}
