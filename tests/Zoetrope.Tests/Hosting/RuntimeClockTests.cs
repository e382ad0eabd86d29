using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting;

/// <summary>The runtime never runs on a test's clock: a silo that found itself dead would end the whole test process.</summary>
public sealed class RuntimeClockTests
{
    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.Postgres)]
    internal async Task A_server_whose_clock_jumps_by_days_serves_and_drives_generations(SqlDialect dialect)
    {
        var clock = new MovedClock();
        await using var provider = await FakeProvider.StartAsync();
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.QueryByOurId);
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = dialect,
            Time = clock,
            Provider = adapter,

            // The silo looks at itself many times within the test, not once in half a minute.
            Register = static services => services.Configure<ClusterMembershipOptions>(static options =>
            {
                options.IAmAliveTablePublishTimeout = TimeSpan.FromMilliseconds(100);
                options.TableRefreshTimeout = TimeSpan.FromMilliseconds(100);
                options.DefunctSiloCleanupPeriod = TimeSpan.FromMilliseconds(100);
                options.DefunctSiloExpiration = TimeSpan.FromMinutes(1);
            }),
        });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        for (var jump = 0; jump < 24; jump++)
        {
            var id = (await zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = $"Jump {jump}", aspect_ratio = "1:1" } }))
                .Expect(200).Data.GetProperty("id").GetString()!;
            var task = await zoetrope.Api.WaitAsync(customer, id);
            Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString());

            // Between tasks: one under way would rightly time out, or wait until its next step is due again.
            clock.Advance(TimeSpan.FromDays(jump % 2 == 0 ? 8 : -5));
            (await zoetrope.Api.SendAsync(HttpMethod.Get, "/health/ready", key: null)).Expect(200);
        }
    }

    [Fact]
    public async Task Nothing_of_Orleans_knows_the_test_s_clock_and_our_grains_do()
    {
        var clock = new MovedClock();
        IServiceCollection registered = null!;
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Time = clock, Register = services => registered = services });

        var wrong = new List<string>();
        var found = 0;
        foreach (var type in registered.Where(item => item is { IsKeyedService: false, Lifetime: ServiceLifetime.Singleton } && !item.ServiceType.IsGenericTypeDefinition).Select(item => item.ServiceType).Distinct())
        {
            foreach (var service in zoetrope.Services.GetServices(type).Where(service => service is not null && SystemTimeForOrleans.IsOrleans(service.GetType().Assembly)))
            {
                foreach (var time in ClocksOf(service!))
                {
                    found++;
                    if (time != TimeProvider.System)
                    {
                        wrong.Add($"{service!.GetType()}");
                    }
                }
            }
        }

        Assert.Empty(wrong);
        Assert.InRange(found, 10, 1_000);
        Assert.Same(clock, zoetrope.Services.GetRequiredService<TimeProvider>());
    }

    private static IEnumerable<TimeProvider> ClocksOf(object service)
    {
        for (var type = service.GetType(); type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Where(field => typeof(TimeProvider).IsAssignableFrom(field.FieldType)))
            {
                if (field.GetValue(service) is TimeProvider time)
                {
                    yield return time;
                }
            }
        }
    }
}
