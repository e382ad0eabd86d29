namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>Every half minute: takes over secrets that were changed, in the database or, with SQLite, in their files.</summary>
internal sealed partial class SecretWatch(
    SecretsInUse inUse, IEnumerable<SecretHolder> holders, TimeProvider time, ILogger<SecretWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, string> _prints = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            _ = Changed().Count();
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Looks now.</summary>
    public async Task LookAsync()
    {
        try
        {
            await inUse.FollowAsync();
            foreach (var name in Changed().ToList())
            {
                holders.FirstOrDefault(holder => holder.Name == name)?.Reload();
                LogChanged(name);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A master key that was changed, a file that cannot be read, a database that is away: what was read last still holds.
            LogFailed(exception.Message);
        }
    }

    private IEnumerable<string> Changed()
    {
        foreach (var secret in inUse.All)
        {
            var print = string.Join(' ', SecretFiles.FilesOf(inUse.DataDirectory, secret.Name).Select(SecretRows.PrintOf));
            var isKnown = _prints.TryGetValue(secret.Name, out var before);
            _prints[secret.Name] = print;
            if (isKnown && before != print)
            {
                yield return secret.Name;
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "The secret {Name} was changed")]
    private partial void LogChanged(string name);

    [LoggerMessage(LogLevel.Error, "Changed secrets cannot be read; those of before stay in use. {Reason}")]
    private partial void LogFailed(string reason);
}

/// <summary>The secrets of this server and where changes of them come from.</summary>
internal sealed class SecretsInUse(IReadOnlyList<Secret> all, string dataDirectory, SharedSecrets? shared, TimeProvider time)
{
    public IReadOnlyList<Secret> All => all;

    public string DataDirectory => dataDirectory;

    /// <summary>Before anything is signed: with the other nodes, or not at all.</summary>
    public Task AgreeAsync() => shared?.AgreeAsync(all) ?? Task.CompletedTask;

    public Task FollowAsync()
    {
        if (shared is not null)
        {
            return shared.FollowAsync(all);
        }

        foreach (var secret in all)
        {
            if (SecretFiles.PreviousUntil(dataDirectory, secret) < time.GetUtcNow())
            {
                File.Delete(SecretFiles.PreviousOf(dataDirectory, secret.Name));
            }
        }

        return Task.CompletedTask;
    }
}
