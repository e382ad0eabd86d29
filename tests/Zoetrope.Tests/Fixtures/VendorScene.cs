using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures;

/// <summary>A server and a fake vendor that it calls over real HTTP.</summary>
public abstract class VendorScene : IAsyncLifetime
{
    private protected abstract SqlDialect Dialect { get; }

    /// <summary>What the server has beside the vendor and the database.</summary>
    private protected virtual TestServer Wanted => new();

    private protected virtual FakeProviderAdapter Adapt(FakeProvider provider) => new(provider, EvidenceClass.QueryByOurId);

    private protected FakeProvider Provider { get; private set; } = null!;

    private protected FakeProviderAdapter Adapter { get; private set; } = null!;

    private protected TestZoetrope Zoetrope { get; private set; } = null!;

    private protected ZoetropeApi Api => Zoetrope.Api;

    public virtual async ValueTask InitializeAsync() => await StartAsync(Wanted);

    public virtual async ValueTask DisposeAsync()
    {
        if (Zoetrope is not null)
        {
            await Zoetrope.DisposeAsync();
        }

        Adapter?.Dispose();
        if (Provider is not null)
        {
            await Provider.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>For tests that want servers of their own.</summary>
    private protected async Task StartAsync(TestServer wanted)
    {
        Provider = await FakeProvider.StartAsync();
        Adapter = Adapt(Provider);
        Zoetrope = await TestZoetrope.StartAsync(wanted with { Database = Dialect, Provider = Adapter });
    }
}
