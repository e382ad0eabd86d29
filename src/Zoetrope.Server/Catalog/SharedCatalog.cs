using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Catalog;

/// <summary>
/// The catalogue file that <c>catalog apply</c> put into the database: every node has it before it serves, and a newer one within two
/// seconds. A node with a file of its own (<c>Catalog:File</c>) goes by that.
/// </summary>
internal sealed partial class SharedCatalog(
    CatalogHolder holder, CatalogOptions options, Database database, TimeProvider time, ILogger<SharedCatalog> logger) : BackgroundService
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    private long _served;

    /// <summary>Takes the database's catalogue before the server starts; what is wrong with it for this build, if anything is.</summary>
    public async Task<string?> BeginAsync()
    {
        var newest = await database.ReadAsync(CatalogStore.NewestAsync);
        if (options.File.Length > 0)
        {
            if (newest > 0)
            {
                LogOwnFile(newest);
            }

            return null;
        }

        return newest > 0 ? await ServeAsync(newest) : null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.File.Length > 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Between, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    if (await database.ReadAsync(CatalogStore.NewestAsync) is var newest && newest > _served)
                    {
                        await RenewAsync(newest);
                    }
                }
                catch (Exception exception) when (database.MayPass(exception))
                {
                    // The database is away; the catalogue stays.
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task RenewAsync(long version)
    {
        if (await ServeAsync(version) is { } wrong)
        {
            LogRefused(version, wrong);
        }
        else
        {
            LogServed(version, holder.Current.Models.Length);
        }
    }

    private async Task<string?> ServeAsync(long version)
    {
        var file = await database.ReadAsync(session => CatalogStore.ReadAsync(session, version));
        var (catalog, errors) = CatalogLoader.Load(file, options.Providers);

        // One that this build cannot serve is not tried again.
        _served = version;
        if (catalog is null)
        {
            return string.Join("; ", errors);
        }

        holder.Replace(catalog);
        return null;
    }

    [LoggerMessage(LogLevel.Error,
        "Version {Version} of the catalogue in the database cannot be served by this build, so the one before stays in use: {Errors}")]
    private partial void LogRefused(long version, string errors);

    [LoggerMessage(LogLevel.Information, "Version {Version} of the catalogue in the database is in use, with {Models} models")]
    private partial void LogServed(long version, int models);

    [LoggerMessage(LogLevel.Warning,
        "Catalog:File is set, so this node does not use version {Version} of the catalogue that is in the database")]
    private partial void LogOwnFile(long version);
}
