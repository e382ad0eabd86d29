using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>An adapter and its fake without a server around them: what only a call to the adapter itself can show. No private host is allowed to the guard.</summary>
internal sealed class AdapterBench<TVendor> : IAsyncDisposable
    where TVendor : FakeVendor
{
    private readonly TemporaryDirectory _directory = new();
    private readonly EgressClient _egress;

    private AdapterBench(TVendor vendor, ProviderProfile profile, Func<ProviderTools, IProviderAdapter> create)
    {
        Vendor = vendor;
        _egress = new EgressClient(new EgressOptions(), EgressNetwork.System, TimeProvider.System, NullLogger<EgressClient>.Instance);
        var toolbox = new ProviderToolbox(_egress, new ResultShelf(_directory.Path, Clock), Clock);
        Adapter = create(toolbox.For(profile, new ProviderOptions { BaseUrl = vendor.BaseUrl.ToString(), ApiKey = vendor.Key })!);
    }

    public TVendor Vendor { get; }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public IProviderAdapter Adapter { get; }

    public static async Task<AdapterBench<TVendor>> StartAsync(TVendor vendor, ProviderProfile profile, Func<ProviderTools, IProviderAdapter> create)
    {
        await vendor.OpenAsync();
        return new AdapterBench<TVendor>(vendor, profile, create);
    }

    public ProviderRequest Image(RouteSpec route, string prompt, string parameters = "{}", params ProviderInput[] inputs) => new()
    {
        AttemptId = Ids.New(Ids.Attempt, TimeProvider.System),
        Route = route,
        Key = Vendor.Key.Length > 0 ? new ProviderKey(Vendor.Key) : ProviderKey.None,
        Model = "m",
        Mode = "text-to-image",
        Prompt = prompt,
        Parameters = JsonDocument.Parse(parameters).RootElement,
        Inputs = inputs,
        Output = new OutputSpec { Media = MediaType.Image, Format = "png", Width = 1024, Height = 576 },
        IntendedAt = Clock.GetUtcNow(),
    };

    public async ValueTask DisposeAsync()
    {
        await Vendor.DisposeAsync();
        _egress.Dispose();
        _directory.Dispose();
    }
}
