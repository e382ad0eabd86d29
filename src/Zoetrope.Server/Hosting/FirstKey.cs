using Zoetrope.Server.Accounts;
using Zoetrope.Server.Operator;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting;

/// <summary>
/// The key of the first start: the operator's own, or one that is kept where the owner of the data directory finds it again. With
/// PostgreSQL there is no such place, and the key is made by a command.
/// </summary>
internal static class FirstKey
{
    public static string PathOf(string dataDirectory) => Path.Combine(dataDirectory, "first-key.txt");

    /// <summary>What the start has to say about it.</summary>
    public static async Task<FirstWords> EnsureAsync(IServiceProvider services, string dataDirectory)
    {
        var (database, time) = (services.GetRequiredService<Database>(), services.GetRequiredService<TimeProvider>());
        var given = services.GetRequiredService<BootstrapOptions>().Key;
        if (given.Length > 0)
        {
            await FirstStart.EnsureKeyAsync(database, time, given);
            return new FirstWords { IsUnknown = !await database.ReadAsync(async session => await ApiKeyStore.ExistsAsync(session, given)) };
        }

        if (await database.ReadAsync(async session => await ApiKeyStore.AnyAsync(session)))
        {
            return new FirstWords();
        }

        if (database.Dialect == SqlDialect.Postgres)
        {
            return new FirstWords { Account = await FirstStart.EnsureAccountAsync(database, time) };
        }

        var created = await FirstStart.EnsureAsync(database, time, key => Write(PathOf(dataDirectory), key.Secret));
        return new FirstWords { Key = created?.Secret };
    }

    public static string? Read(string dataDirectory)
    {
        var path = PathOf(dataDirectory);
        return File.Exists(path)
            ? File.ReadAllText(path).Split().FirstOrDefault(word => word.StartsWith("sk-", StringComparison.Ordinal))
            : null;
    }

    private static void Write(string path, string secret)
    {
        // An older file would keep its own, perhaps wider, mode.
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new StreamWriter(path, options);
        file.WriteLine(secret);
    }
}

/// <summary>What a first start tells, in the banner; nothing later.</summary>
internal sealed class FirstWords
{
    public FirstWords With(string? welcome) => new() { Key = Key, Account = Account, IsUnknown = IsUnknown, Welcome = welcome };

    /// <summary>The key that it made.</summary>
    public string? Key { get; init; }

    /// <summary>An account that waits for its first key.</summary>
    public string? Account { get; init; }

    /// <summary>The link that makes the operator; not only of a first start, but as long as there is none.</summary>
    public string? Welcome { get; init; }

    /// <summary>The operator's first key came too late: the database had keys.</summary>
    public bool IsUnknown { get; init; }
}
