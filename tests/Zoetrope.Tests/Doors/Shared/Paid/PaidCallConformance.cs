using System.Text.RegularExpressions;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Shared.Paid;

/// <summary>One protocol at every door: whatever costs is replayed, refused, counted and confirmed alike.</summary>
public abstract class PaidCallConformance : IAsyncLifetime
{
    private TestZoetrope _zoetrope = null!;
    private PaidDoors _doors = null!;

    public static TheoryData<string> Doors { get; } = [.. PaidDoors.Names];

    private protected abstract SqlDialect Dialect { get; }

    private ZoetropeApi Api => _zoetrope.Api;

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
    [MemberData(nameof(Doors))]
    public async Task A_replay_says_that_it_is_one_makes_nothing_and_leaves_the_days_count(string door)
    {
        var customer = await Api.CreateCustomerAsync(plan: "starter");

        var first = await _doors.CallAsync(door, customer, "fox", "k");
        var credits = await Api.CreditsAsync(customer);
        var tasks = await TasksAsync(customer);
        var again = await _doors.CallAsync(door, customer, "fox", "k");

        Assert.Equal((null, false, (long?)(100 - tasks)), (first.Code, first.IsReplay, first.Remaining));
        Assert.Equal((null, true), (again.Code, again.IsReplay));
        Assert.Equal((credits, tasks), (await Api.CreditsAsync(customer), await TasksAsync(customer)));
        if (door.StartsWith("/api/", StringComparison.Ordinal) || door.StartsWith("vicsee_", StringComparison.Ordinal))
        {
            // These answer at once; the others answer with the task, or with its file, as it is by now.
            Assert.Equal(first.Text, again.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Another_request_under_the_key_is_refused_and_does_nothing(string door)
    {
        var customer = await Api.CreateCustomerAsync();
        Assert.Null((await _doors.CallAsync(door, customer, "fox", "k")).Code);
        var (credits, tasks) = (await Api.CreditsAsync(customer), await TasksAsync(customer));

        var other = await _doors.CallAsync(door, customer, "foxy", "k");

        Assert.Equal(("IDEMPOTENCY_MISMATCH", false), (other.Code, other.IsReplay));
        Assert.Equal((credits, tasks), (await Api.CreditsAsync(customer), await TasksAsync(customer)));
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Above_the_keys_threshold_nothing_is_made_before_the_price_is_accepted(string door)
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: new { askAbove = 0 });

        var unasked = await _doors.CallAsync(door, customer, "fox", "k");
        var tooLittle = await _doors.CallAsync(door, customer, "fox", "k", accept: 1);
        Assert.Equal(("CONFIRMATION_REQUIRED", "CONFIRMATION_REQUIRED"), (unasked.Code, tooLittle.Code));
        Assert.Equal((1_000_000, 0), (await Api.CreditsAsync(customer), await TasksAsync(customer)));

        // A refusal is not remembered under the key, and a replay needs no consent.
        var accepted = await _doors.CallAsync(door, customer, "fox", "k", accept: 100_000);
        var again = await _doors.CallAsync(door, customer, "fox", "k");
        Assert.Equal((null, false, null, true), (accepted.Code, accepted.IsReplay, again.Code, again.IsReplay));
    }

    [Fact]
    public async Task A_ceiling_that_was_sent_binds_at_every_door_and_is_refused_with_the_price_before_anything_is_charged()
    {
        foreach (var door in PaidDoors.Names)
        {
            var customer = await Api.CreateCustomerAsync();

            var refused = await _doors.CallAsync(door, customer, "fox", "k", accept: 1);

            Assert.True(refused.Code == "CONFIRMATION_REQUIRED", $"{door}: {refused}");
            var price = long.Parse(Regex.Match(refused.Text, @"costs (\d+) credits").Groups[1].Value);
            Assert.Equal((1_000_000, 0), (await Api.CreditsAsync(customer), await TasksAsync(customer)));
            Assert.Equal("CONFIRMATION_REQUIRED", (await _doors.CallAsync(door, customer, "fox", accept: price - 1)).Code);

            // The refusal is not remembered under the key, and at the price itself the request is made.
            Assert.Null((await _doors.CallAsync(door, customer, "fox", "k", accept: price)).Code);
            Assert.NotEqual(0, await TasksAsync(customer));
        }
    }

    [Fact]
    public async Task A_programs_header_is_no_confirmation_at_any_door_and_still_a_ceiling()
    {
        foreach (var door in PaidDoors.Names)
        {
            var customer = await Api.CreateCustomerAsync();
            var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key, askAbove: "0");
            using var asking = browser;
            var program = customer with { Key = tokens.Access };

            foreach (var accept in new long?[] { null, 1, 999_999 })
            {
                var refused = await _doors.CallAsync(door, program, "fox", accept: accept);
                Assert.True(refused.Code == "CONFIRMATION_REQUIRED", $"{door} with {accept}: {refused}");
                Assert.Matches(@"costs \d+ credits", refused.Text);

                // What would not help is not recommended.
                Assert.True(accept == 1 || !refused.Text.Contains("Zoetrope-Confirm-Credits", StringComparison.Ordinal), refused.Text);
            }

            Assert.Equal((1_000_000, 0), (await Api.CreditsAsync(customer), await TasksAsync(customer)));
        }
    }

    private async Task<int> TasksAsync(Customer customer) => (await Api.GetAsync(customer, "/api/v1/tasks")).Expect(200).Data.GetProperty("tasks").GetArrayLength();
}

public sealed class SqlitePaidCallTests : PaidCallConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresPaidCallTests : PaidCallConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
