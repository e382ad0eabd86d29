using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Storage;

/// <summary>Section <c>Zoetrope:Retention</c>: how many days rows are kept; 0 keeps them for ever.</summary>
internal sealed class RetentionOptions : IValidatableObject
{
    private const int Longest = 3_650;

    /// <summary>Days that an event can be read again by its id.</summary>
    [Range(0, Longest)]
    public int EventDays { get; init; } = 30;

    /// <summary>Days that the record of a submission to a provider is kept; one whose outcome was never learnt stays.</summary>
    [Range(0, Longest)]
    public int AttemptDays { get; init; } = 90;

    /// <summary>Days that an account's requests per day, its usage and the past periods of its budgets are kept.</summary>
    [Range(0, Longest)]
    public int UsageDays { get; init; } = 400;

    /// <summary>Days that a finished task is kept; after that it answers TASK_NOT_FOUND and its files are deleted.</summary>
    [Range(0, Longest)]
    public int GenerationDays { get; init; }

    /// <summary>The same for tasks of test keys, which cost nobody anything; never less than <see cref="EventDays"/>.</summary>
    [Range(0, Longest)]
    public int TestGenerationDays { get; init; } = 90;

    /// <summary><see cref="TestGenerationDays"/> as it is kept; 0 where an event is kept for ever, because it shows its task.</summary>
    public int TestDays => TestGenerationDays == 0 || EventDays == 0 ? 0 : Math.Max(TestGenerationDays, EventDays);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (GenerationDays > 0 && (EventDays == 0 || EventDays > GenerationDays))
        {
            yield return new ValidationResult(
                "must be 0 or at least EventDays, because an event shows its task", [nameof(GenerationDays)]);
        }
    }

    /// <summary>Rows from before this moment are old; null where they are kept for ever.</summary>
    public static DateTimeOffset? OlderThan(int days, TimeProvider time) => days == 0 ? null : time.GetUtcNow().AddDays(-days);
}
