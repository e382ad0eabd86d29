using Zoetrope.Server;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Operator;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Admin;

public sealed class FirstStartTests
{
    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.Postgres)]
    public async Task Many_starts_at_once_make_one_account_with_test_credits(object dialect)
    {
        await using var db = await TestDatabase.CreateAsync((SqlDialect)dialect);

        var keys = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => FirstStart.EnsureAsync(db.Database, TimeProvider.System)));

        var created = Assert.Single(keys, key => key is not null)!;
        Assert.Equal(KeyShape.WellFormed, ApiKeys.ShapeOf(created.Secret));
        Assert.StartsWith(ApiKeys.TestPrefix, created.Secret, StringComparison.Ordinal);
        var account = Assert.Single(await db.Database.ReadAsync(async session => await AccountStore.ListAsync(session, 10, null)));
        Assert.Equal(("First account", "enterprise"), (account.Name, account.Plan));
        Assert.Equal(new Balance(2000, 0), await db.Database.ReadAsync(async session => await CreditLedger.BalanceAsync(session, account.Id, KeyMode.Test)));
        Assert.True((await LedgerAudit.RunAsync(db.Database, TimeProvider.System)).Ok);
    }

    [Fact]
    public async Task A_start_that_cannot_keep_the_key_makes_nothing()
    {
        await using var db = await TestDatabase.CreateAsync(SqlDialect.Sqlite);

        await Assert.ThrowsAsync<IOException>(() => FirstStart.EnsureAsync(db.Database, TimeProvider.System, _ => throw new IOException("disk full")));

        Assert.False(await db.Database.ReadAsync(async session => await AccountStore.AnyAsync(session)));
        Assert.NotNull(await FirstStart.EnsureAsync(db.Database, TimeProvider.System));
    }

    [Fact]
    public void The_operator_key_is_made_once_and_only_its_owner_can_read_it()
    {
        using var directory = new TemporaryDirectory();

        var keys = Enumerable.Range(0, 8).AsParallel().Select(_ => OperatorKey.Load(new AdminOptions(), directory.Path)).ToList();

        var path = OperatorKey.PathOf(directory.Path);
        var secret = File.ReadAllText(path).Trim();
        Assert.All(keys, key => Assert.True(key.Matches(secret)));
        Assert.False(keys[0].Matches(secret + " "));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("long enough but with spaces in it")]
    public void A_bad_configured_key_stops_the_start_with_its_name(string key) =>
        Assert.Contains("Zoetrope:Admin:Key", Assert.Throws<InvalidOperationException>(() => OperatorKey.Load(new AdminOptions { Key = key }, "")).Message, StringComparison.Ordinal);
}
