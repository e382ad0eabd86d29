using Microsoft.Data.Sqlite;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// The books behind a server's back: the attempts in its database and the sandbox's own rows of what it took, read as an
/// auditor would, beside the running process.
/// </summary>
internal sealed class ServerBooks(string dataDirectory)
{
    /// <summary>Attempts the vendor took, as it has them.</summary>
    public IReadOnlyList<string> Accepted() => Query("select attempt_id from sandbox_jobs", row => row.GetString(0));

    public IReadOnlyList<(string Generation, string Attempt, string State)> Attempts() =>
        Query("select generation_id, id, state from attempts order by id", row => (row.GetString(0), row.GetString(1), row.GetString(2)));

    public IReadOnlyDictionary<string, string> Generations() =>
        Query("select id, status from generations", row => (row.GetString(0), row.GetString(1))).ToDictionary(row => row.Item1, row => row.Item2);

    /// <summary>No attempt reached the vendor twice, and no generation was taken or counted by two attempts.</summary>
    public void AssertNothingWasBoughtTwice()
    {
        var accepted = Accepted();
        var attempts = Attempts();
        var taken = attempts.Where(attempt => accepted.Contains(attempt.Attempt)).GroupBy(attempt => attempt.Generation).Where(group => group.Count() > 1).ToList();
        Assert.True(taken.Count == 0, $"Bought twice: {string.Join("; ", taken.Select(group => string.Join(", ", group)))}");
        var counted = attempts.Where(attempt => attempt.State is "accepted" or "ended" or "unresolved").GroupBy(attempt => attempt.Generation).Where(group => group.Count() > 1).ToList();
        Assert.True(counted.Count == 0, $"Counted twice: {string.Join("; ", counted.Select(group => string.Join(", ", group)))}");
        var known = attempts.Select(attempt => attempt.Attempt).ToHashSet();
        Assert.All(accepted, attempt => Assert.True(known.Contains(attempt), $"{attempt} was sent without an intent in the books."));
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read)
    {
        var rows = new List<T>();
        using var connection = new SqliteConnection($"Data Source={Path.Combine(dataDirectory, "zoetrope.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            rows.Add(read(row));
        }

        return rows;
    }
}
