using Zoetrope.Server.Catalog.Loading;

namespace Zoetrope.Server.Catalog;

/// <summary>
/// Loads a changed operator file while the server runs. It polls, because file events do not cross every mount, and
/// it waits until the file has stayed the same for one round, so that a half-written file is not read.
/// </summary>
internal sealed partial class CatalogWatcher(
    CatalogHolder holder,
    CatalogOptions options,
    TimeProvider time,
    ILogger<CatalogWatcher> logger) : BackgroundService
{
    private Stamp _served = Stamp.Of(options.File);
    private Stamp _seen = Stamp.Of(options.File);

    /// <summary>Looks once; true when a new catalogue is being served.</summary>
    public bool Look()
    {
        var now = Stamp.Of(options.File);
        var settled = now == _seen;
        _seen = now;
        if (!settled || now == _served)
        {
            return false;
        }

        _served = now;
        return Reload();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.File.Length == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.ReloadInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    private bool Reload()
    {
        byte[]? file;
        try
        {
            file = File.Exists(options.File) ? File.ReadAllBytes(options.File) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            Refused(1, unreadable.Message);
            return false;
        }

        // A deleted file is an editor between two writes, or a mistake; the last good one stays.
        if (file is null)
        {
            Refused(1, "The file does not exist.");
            return false;
        }

        var (catalog, errors) = CatalogLoader.Load(file, options.Providers);
        if (catalog is null)
        {
            Refused(errors.Count, string.Join("; ", errors));
            return false;
        }

        holder.Replace(catalog);
        Reloaded(catalog.Models.Length);
        return true;
    }

    [LoggerMessage(LogLevel.Error, "The changed catalogue file has {Count} error(s), so the last good catalogue stays in use: {Errors}")]
    private partial void Refused(int count, string errors);

    [LoggerMessage(LogLevel.Information, "The catalogue was reloaded with {Models} models.")]
    private partial void Reloaded(int models);

    private readonly record struct Stamp(DateTime Written, long Length)
    {
        public static Stamp Of(string path)
        {
            var file = path.Length == 0 ? null : new FileInfo(path);
            return file is { Exists: true } ? new Stamp(file.LastWriteTimeUtc, file.Length) : default;
        }
    }
}
