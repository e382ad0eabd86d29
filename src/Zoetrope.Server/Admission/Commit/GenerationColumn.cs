using System.Text.Json;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>
/// The columns of <c>generations</c>: the one list of them. What is selected, inserted and updated, and where a column stands in
/// a row that was read, follows from it. The table begins here, with the commit; the life of a generation goes on in it.
/// </summary>
internal enum GenerationColumn
{
    AccountId,
    Id,
    Mode,
    KeyId,
    Status,
    Step,
    Version,
    Model,
    Media,
    Prompt,
    Parameters,
    Inputs,
    Output,
    Route,
    Provider,
    Attempts,
    AttemptId,
    ProviderTaskId,
    Retries,
    Quoted,
    Charged,
    Progress,
    QueuePosition,
    CancelRequested,
    CreatedAt,
    StartedAt,
    FinishedAt,
    DeadlineAt,
    NextRunAt,
    ErrorCode,
    ErrorMessage,
    ProviderError,
    Result,
    ProviderCall,
    BatchId,
    BatchIndex,
    Tags,
    EndUser,
    PersonId,
    Budgets,
    Starred,
    Collection,
    ResultDeletedAt,
    ShareId,
    ShareWords,
    ShareUntil,
    OwnTags,
}

internal static class GenerationColumns
{
    private static readonly string[] Names = [.. Enum.GetNames<GenerationColumn>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>All of them, as a select lists them.</summary>
    public static string All { get; } = string.Join(", ", Names);

    public static string Name(this GenerationColumn column) => Names[(int)column];
}
