using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.OpenAi;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>
/// A node dies between a vendor's answer, with the picture in it, and its record. OpenAI keeps none, so only what the node shared
/// before can save what was paid for.
/// </summary>
public sealed class SharedResultTests
{
    private const long Credits = 100_000;

    [Fact]
    public async Task A_picture_that_a_dead_node_received_is_delivered_by_another_and_paid_once()
    {
        TestPostgres.SkipIfAbsent();
        var postgres = await TestPostgres.CreateAsync(migrated: true);
        try
        {
            await using var fake = await FakeS3.StartAsync();
            await using var vendor = new FakeOpenAi();
            await vendor.OpenAsync();
            var environment = fake.Settings().ToDictionary(pair => "Zoetrope__" + pair.Key.Replace(":", "__", StringComparison.Ordinal), pair => pair.Value);
            environment["Zoetrope__Database__ConnectionString"] = postgres;
            environment["Zoetrope__Providers__openai__BaseUrl"] = vendor.BaseUrl.ToString();
            environment["Zoetrope__Providers__openai__ApiKey"] = vendor.Key;
            environment["Zoetrope__Egress__AllowedPrivateHosts"] = "127.0.0.1";
            environment["Zoetrope__Generations__LeaseSeconds"] = "5";
            await using var first = await ServerProcess.StartAsync(environment, crashAt: "K8");
            var customer = await first.Api.CreateCustomerAsync(Credits, mode: "live");
            var id = (await first.Api.GenerateAsync(customer, new { model = "gpt-image-2-text-to-image", input = new { prompt = "A lighthouse" } })).Expect(200).Data.GetProperty("id").GetString()!;
            await first.ExitCodeAsync(Until.Patience);

            await using var second = await ServerProcess.StartAsync(environment);
            var task = await second.Api.WaitAsync(customer, id);
            Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString());
            Assert.Equal(1, vendor.Books.Submits);
            Assert.Equal(Credits - task.GetProperty("creditsUsed").GetInt64(), await second.Api.CreditsAsync(customer));
            Assert.Equal(200, (await second.Api.GetAsync(customer, $"/api/v1/tasks/{id}/download?mode=proxy")).Status);
            await second.Api.AssertLedgerIsCleanAsync();
        }
        finally
        {
            await TestPostgres.DropAsync(postgres);
        }
    }
}
