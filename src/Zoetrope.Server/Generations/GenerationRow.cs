using Zoetrope.Server.Storage;
using Field = Zoetrope.Server.Admission.Commit.GenerationColumn;

namespace Zoetrope.Server.Generations;

/// <summary>
/// From a row of <c>generations</c>, with all of its columns, to the generation; the same for the bare statement and the
/// driver's reader.
/// </summary>
internal static class GenerationRow
{
    public static Generation Read<TRow>(TRow row)
        where TRow : struct, IRow => new()
    {
        AccountId = row.Text((int)Field.AccountId),
        Id = row.Text((int)Field.Id),
        Mode = (KeyMode)row.Int64((int)Field.Mode),
        KeyId = row.Text((int)Field.KeyId),
        Status = GenerationWords.Status(row.Text((int)Field.Status)),
        Step = GenerationWords.Step(Text(row, Field.Step)),
        Version = row.Int64((int)Field.Version),
        Model = row.Text((int)Field.Model),
        Media = row.Text((int)Field.Media) == "image" ? MediaType.Image : MediaType.Video,
        Prompt = row.Text((int)Field.Prompt),
        Parameters = row.Text((int)Field.Parameters),
        Inputs = Text(row, Field.Inputs),
        Output = row.Text((int)Field.Output),
        Route = (int)row.Int64((int)Field.Route),
        Provider = row.Text((int)Field.Provider),
        Attempts = (int)row.Int64((int)Field.Attempts),
        AttemptId = Text(row, Field.AttemptId),
        ProviderTaskId = Text(row, Field.ProviderTaskId),
        Retries = (int)row.Int64((int)Field.Retries),
        Quoted = row.Int64((int)Field.Quoted),
        Charged = Number(row, Field.Charged),
        Progress = (int?)Number(row, Field.Progress),
        QueuePosition = (int?)Number(row, Field.QueuePosition),
        Cancel = (CancelState)row.Int64((int)Field.CancelRequested),
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64((int)Field.CreatedAt)),
        StartedAt = Time(row, Field.StartedAt),
        FinishedAt = Time(row, Field.FinishedAt),
        DeadlineAt = Time(row, Field.DeadlineAt),
        NextRunAt = Time(row, Field.NextRunAt),
        ErrorCode = Text(row, Field.ErrorCode),
        ErrorMessage = Text(row, Field.ErrorMessage),
        ProviderError = Text(row, Field.ProviderError),
        Result = Text(row, Field.Result),
        ProviderCall = Text(row, Field.ProviderCall),
        BatchId = Text(row, Field.BatchId),
        Tags = Text(row, Field.Tags),
        EndUser = Text(row, Field.EndUser),
        PersonId = Text(row, Field.PersonId),
        Budgets = Text(row, Field.Budgets),
        IsStarred = row.Int64((int)Field.Starred) != 0,
        Collection = Text(row, Field.Collection),
        ResultDeletedAt = Time(row, Field.ResultDeletedAt),
        OwnTags = Text(row, Field.OwnTags),
        Share = Text(row, Field.ShareId) is { } share
            ? new Share(share, row.Int64((int)Field.ShareWords) != 0, Time(row, Field.ShareUntil))
            : null,
    };

    private static string? Text<TRow>(TRow row, Field column)
        where TRow : struct, IRow => row.IsNull((int)column) ? null : row.Text((int)column);

    private static long? Number<TRow>(TRow row, Field column)
        where TRow : struct, IRow => row.IsNull((int)column) ? null : row.Int64((int)column);

    private static DateTimeOffset? Time<TRow>(TRow row, Field column)
        where TRow : struct, IRow => Number(row, column) is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;
}
