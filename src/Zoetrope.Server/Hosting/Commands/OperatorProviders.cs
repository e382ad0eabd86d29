using Microsoft.Extensions.DependencyInjection.Extensions;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>
/// The server's own way to its providers, without the server: the same registrations, of which only what is asked for is
/// built. No silo, no database, no lock on the data directory; results go to a directory of their own.
/// </summary>
internal sealed class OperatorProviders : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly string _scratch;

    private OperatorProviders(ServiceProvider services, Settings settings, string scratch) =>
        (_services, Settings, _scratch) = (services, settings, scratch);

    public Settings Settings { get; }

    public static OperatorProviders Open(HostSettings host, Action<IServiceCollection>? replace = null)
    {
        var settings = Settings.Load(host);
        var directory = DataDirectory.Create(host.DataDirectory);
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System);
        try
        {
            Program.AddCore(services, settings, directory);

            // The sandbox is no vendor: it has nothing to prove, and its jobs belong to the server.
            services.RemoveAll<IProviderAdapter>();

            // No rows, and nothing in the bucket: what a trial makes ends with it.
            services.RemoveAll<AttemptResults>();
            services.RemoveAll<StoredFiles>();
            services.AddSingleton(static provider => new StoredFiles(
                [new FileArtifactStore(provider.GetRequiredService<ArtifactOptions>().DataDirectory)], blobs: null, TimeProvider.System));
            replace?.Invoke(services);
            var built = services.BuildServiceProvider();
            var scratch = Directory.CreateTempSubdirectory("zoetrope-").FullName;
            built.GetRequiredService<ArtifactOptions>().DataDirectory = scratch;
            built.GetRequiredService<CatalogHolder>();
            built.GetRequiredService<ProviderRegistry>();
            return new OperatorProviders(built, settings, scratch);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw new StartException("INVALID_SETTING", exception.Message, StartException.BadSettings);
        }
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>The server's conversation with its providers, without the database that its books are kept in.</summary>
    public ProviderTrial Trial()
    {
        var inputs = new JobInputs(Get<StoredFiles>(), Get<InputConverter>());
        var jobs = new ProviderJobs(Get<ProviderRegistry>(), Get<CatalogHolder>(), inputs, Get<CallbackUrls>());
        return new ProviderTrial(Get<ProviderRegistry>(), jobs, Get<ProviderConversation>(), Get<StoredFiles>(), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(_scratch, recursive: true);
    }
}
