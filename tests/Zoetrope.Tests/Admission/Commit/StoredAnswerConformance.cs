using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Doors.Shared.Paid;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Admission.Commit;

/// <summary>Rows of the last release are replayed by this one: their fingerprints match, and both forms of an answer are read.</summary>
public abstract class StoredAnswerConformance : IAsyncLifetime
{
    private TestZoetrope _zoetrope = null!;
    private PaidDoors _doors = null!;

    private protected abstract SqlDialect Dialect { get; }

    private ZoetropeApi Api => _zoetrope.Api;

    private Database Database => _zoetrope.Services.GetRequiredService<Database>();

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect });
        _doors = new PaidDoors(Api);
    }

    public async ValueTask DisposeAsync()
    {
        if (_zoetrope is not null)
        {
            await _zoetrope.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("/api/v1/generate")]
    [InlineData("/api/v1/batches")]
    [InlineData("/api/v1/tools/upscale-image")]
    public async Task A_body_that_the_last_release_stored_is_answered_as_it_was(string door)
    {
        var customer = await Api.CreateCustomerAsync();
        var first = await _doors.CallAsync(door, customer, "fox", "k");
        Assert.DoesNotContain("success", await StoredAsync(customer), StringComparison.Ordinal);
        var body = first.Text.Replace("\"creditsRemaining\":", "\"creditsRemaining\":9", StringComparison.Ordinal);

        await StoreAsync(customer, body);
        var again = await _doors.CallAsync(door, customer, "fox", "k");

        Assert.NotEqual(first.Text, body);
        Assert.Equal((null, true, body), (again.Code, again.IsReplay, again.Text));
        Assert.Equal("IDEMPOTENCY_MISMATCH", (await _doors.CallAsync(door, customer, "foxy", "k")).Code);
    }

    [Theory]
    [InlineData("array")]
    [InlineData("object")]
    public async Task So_is_what_it_stored_at_the_door_of_openai(string form)
    {
        var customer = await Api.CreateCustomerAsync();
        var first = await _doors.CallAsync("/v1/videos", customer, "fox", "k");
        var id = JsonDocument.Parse(first.Text).RootElement.GetProperty("id").GetString()!;

        await StoreAsync(customer, form == "array" ? JsonSerializer.Serialize(new[] { id }) : JsonSerializer.Serialize(new { id }));
        var again = await _doors.CallAsync("/v1/videos", customer, "fox", "k");

        Assert.Equal((null, true, id), (again.Code, again.IsReplay, JsonDocument.Parse(again.Text).RootElement.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task So_is_what_it_stored_for_a_tool()
    {
        var customer = await Api.CreateCustomerAsync();
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);
        var call = new { model = PaidDoors.Image, prompt = "fox", idempotency_key = "k" };
        var first = (await client.CallAsync("vicsee_generate", call)).Data();

        await StoreAsync(customer, $$"""{"success":true,"data":{{first.GetRawText()}}}""");

        Assert.Equal(first.GetRawText(), (await client.CallAsync("vicsee_generate", call)).Data().GetRawText());
        Assert.Equal(first.GetProperty("id").GetString(), (await client.CallAsync("generate_and_wait", call)).Data().GetProperty("id").GetString());
    }

    [Fact]
    public async Task The_fingerprint_of_a_request_is_the_one_that_the_last_release_stored()
    {
        var customer = await Api.CreateCustomerAsync();
        (await Api.GenerateAsync(customer, new { model = PaidDoors.Image, input = new { prompt = "A red fox", aspect_ratio = "1:1" } }, "k")).Expect(200);

        var stored = await Database.ReadAsync(session => IdempotencyKeys.FindAsync(session, CallerOf(customer), "k"));

        Assert.Equal("58a0b3e9e6624122b20752d60a8a794a554a4c11c7fd60eef30177d17c6b9727", Convert.ToHexStringLower(stored!.Fingerprint));
    }

    [Fact]
    public void What_is_stored_is_read_back_as_it_was()
    {
        var made = new Committed
        {
            Id = "batch_1",
            TaskIds = ["task_1", "task_2"],
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_732_000_000_123),
            CreditsUsed = 30,
            CreditsRemaining = 9_970,
            Facts = [new OrderFacts("a", 10, """{"text":"Ä\u0041 \"<&>\" 1.50","n":1.0}"""), new OrderFacts("b", 20, Input: """{"x":"×"}""")],
        };

        var stored = new StoredAnswer(Encoding.UTF8.GetBytes("print"), made.Id, StoredAnswer.Write(made, StoredAnswer.Write(made.Facts)));
        var read = stored.Read();

        Assert.Equal((made.Id, made.CreatedAt, 30, 9_970, true), (read.Id, read.CreatedAt, read.CreditsUsed, read.CreditsRemaining, read.IsReplay));
        Assert.Equal(made.TaskIds, read.TaskIds);
        Assert.Equal(made.Facts, read.Facts);
    }

    private static Caller CallerOf(Customer customer) =>
        new(customer.AccountId, "", KeyMode.Test, new Plan("enterprise", null), Scopes.All, KeyLimits.None) { SpendsWith = "" };

    private async Task<string> StoredAsync(Customer customer) => await Database.ReadAsync(async session =>
        await session.ScalarAsync<string>("select response from idempotency_keys where account_id = @account", new { account = customer.AccountId })) ?? "";

    private Task StoreAsync(Customer customer, string response) => Database.InTransactionAsync(tx => tx.ExecuteAsync(
        "update idempotency_keys set response = @response where account_id = @account", new { account = customer.AccountId, response }));
}

public sealed class SqliteStoredAnswerTests : StoredAnswerConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresStoredAnswerTests : StoredAnswerConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
