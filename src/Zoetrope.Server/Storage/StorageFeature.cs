namespace Zoetrope.Server.Storage;

internal static class StorageFeature
{
    public static string SqlitePath(string dataDirectory) => Path.Combine(dataDirectory, "zoetrope.db");

    public static IServiceCollection AddStorage(this IServiceCollection services, DatabaseOptions options, string dataDirectory) =>
        services.AddSingleton(provider => Open(options, dataDirectory, provider.GetRequiredService<ILoggerFactory>()));

    /// <summary>The clock: with PostgreSQL the database's, which all nodes share.</summary>
    public static IServiceCollection AddClock(this IServiceCollection services, DatabaseOptions options) =>
        options.ConnectionString.Length == 0
            ? services.AddSingleton(TimeProvider.System)
            : services.AddSingleton(new ClusterTime(TimeProvider.System))
                .AddSingleton<TimeProvider>(static provider => provider.GetRequiredService<ClusterTime>())
                .AddHostedService<ClusterClock>();

    /// <summary>Each slice registers an <see cref="IRetention"/> for every table of its own that would grow for ever.</summary>
    public static IServiceCollection AddHousekeeping(this IServiceCollection services, RetentionOptions options) =>
        services.AddSingleton(options).AddSingleton<Duties>().AddWorker<Housekeeping>();

    /// <summary>The database of these settings; the caller has migrated it.</summary>
    /// <param name="patient">For an operator's command, which may read everything.</param>
    public static Database Open(DatabaseOptions options, string dataDirectory, ILoggerFactory loggers, bool patient = false) =>
        options.ConnectionString.Length > 0
            ? PostgresDatabase.Open(options, loggers.CreateLogger<PostgresDatabase>(), patient)
            : new SqliteDatabase(SqlitePath(dataDirectory), loggers.CreateLogger<SqliteDatabase>());
}
