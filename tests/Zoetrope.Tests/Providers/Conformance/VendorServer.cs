using System.Text.Json;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>One vendor's fake and a server for which it is the only configured provider, shared by the tests of a class.</summary>
public sealed class VendorServer<TVendor> : IAsyncLifetime
    where TVendor : class, new()
{
    private const long Credits = 100_000_000;
    private TestZoetrope? _zoetrope;

    internal FakeVendor Vendor { get; } = ((IFakeVendorMaker)(object)new TVendor()).Make();

    internal MovedClock Clock { get; } = new();

    internal Customer Customer { get; private set; } = null!;

    internal ZoetropeApi Api => _zoetrope!.Api;

    internal IServiceProvider Services => _zoetrope!.Services;

    internal IProviderAdapter Adapter => ((ProviderRegistry)Services.GetService(typeof(ProviderRegistry))!).Get(Vendor.Provider);

    internal ModelCatalog Catalog => ((CatalogHolder)Services.GetService(typeof(CatalogHolder))!).Current;

    public async ValueTask InitializeAsync()
    {
        await Vendor.OpenAsync();
        var settings = new Dictionary<string, string?>(Vendor.Settings)
        {
            [$"Providers:{Vendor.Provider}:BaseUrl"] = Vendor.BaseUrl.ToString(),
            [$"Providers:{Vendor.Provider}:ApiKey"] = Vendor.Key,
            ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
        };
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { Time = Clock, Settings = settings });
        Customer = await Api.CreateCustomerAsync(Credits, mode: "live");
    }

    public async ValueTask DisposeAsync()
    {
        if (_zoetrope is not null)
        {
            await _zoetrope.DisposeAsync();
        }

        await Vendor.DisposeAsync();
    }

    internal async Task<string> GenerateAsync(object body) => (await Api.GenerateAsync(Customer, body)).Expect(200).Data.GetProperty("id").GetString()!;

    internal async Task<JsonElement> ReadAsync(string id) => (await Api.GetAsync(Customer, $"/api/v1/tasks/{id}?wait=0.05")).Expect(200).Data;

    /// <summary>Asks until the task has ended. Where it waits for a clock (a park, a backoff, a reconciliation window), the clock goes forward.</summary>
    /// <param name="id">The task.</param>
    /// <param name="step">How far at a time; as a rule less than anything that must not be missed on the way.</param>
    internal Task<JsonElement> EndAsync(string id, TimeSpan? step = null) => Until.SeesAsync(
        async () => (await Api.GetAsync(Customer, $"/api/v1/tasks/{id}?wait=0.5")).Expect(200).Data,
        task =>
        {
            var ended = task.GetProperty("status").GetString() is "completed" or "failed" or "cancelled";
            if (!ended)
            {
                Clock.Advance(step ?? TimeSpan.FromSeconds(20));
            }

            return ended;
        },
        what: $"the end of {id}");

    /// <summary>Waits until the vendor was asked for the job of a prompt at least once; meanwhile the clock goes forward.</summary>
    internal Task UntilPolledAsync(string id, string prompt) => Until.SeesAsync(
        () =>
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            return ReadAsync(id);
        },
        _ => Vendor.Books.Accepted.FirstOrDefault(job => job.Prompt == prompt) is { Polls: > 0 });

    /// <summary>Generations whose possible cost lies in suspense.</summary>
    internal async Task<IReadOnlyList<string>> SuspendedAsync()
    {
        var database = (Database)Services.GetService(typeof(Database))!;
        return [.. await database.ReadAsync(async session => await session.QueryAsync<string>("select generation_id from ledger_transfers where kind = 'suspend'"))];
    }
}

/// <summary>Names a fake in the type of a test class: those are public, and fakes are not.</summary>
internal interface IFakeVendorMaker
{
    FakeVendor Make();
}
