using System.ComponentModel.DataAnnotations;
using Zoetrope.Server;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Hosting;
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

    [Theory]
    [InlineData(SqlDialect.Sqlite, "sk-test-")]
    [InlineData(SqlDialect.Postgres, "sk-live-")]
    public async Task The_operators_own_first_key_is_the_first_and_no_later_one(object dialect, string prefix)
    {
        await using var db = await TestDatabase.CreateAsync((SqlDialect)dialect);
        var (given, later) = (ApiKeys.New(prefix == ApiKeys.LivePrefix ? KeyMode.Live : KeyMode.Test), ApiKeys.New(KeyMode.Test));

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => FirstStart.EnsureKeyAsync(db.Database, TimeProvider.System, given)));
        await FirstStart.EnsureKeyAsync(db.Database, TimeProvider.System, later);

        Assert.Equal([given[..12]], await db.QueryAsync<string>("select prefix from api_keys"));
        Assert.True(await db.Database.ReadAsync(async session => await ApiKeyStore.ExistsAsync(session, given)));
        Assert.False(await db.Database.ReadAsync(async session => await ApiKeyStore.ExistsAsync(session, later)));
        Assert.Single(await db.Database.ReadAsync(async session => await AccountStore.ListAsync(session, 10, null)));
        Assert.True((await LedgerAudit.RunAsync(db.Database, TimeProvider.System)).Ok);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_make_one_account_and_name_it_until_it_has_a_key()
    {
        await using var db = await TestDatabase.CreateAsync(SqlDialect.Postgres);

        var named = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => FirstStart.EnsureAccountAsync(db.Database, TimeProvider.System)));

        var account = Assert.Single(named.Distinct());
        Assert.NotNull(account);
        Assert.Equal(0, await db.ScalarAsync<long>("select count(*) from api_keys"));
        using var words = new StringWriter();
        Banner.Print(words, "http://127.0.0.1:8080", "/data", new FirstWords { Account = account });
        Assert.Contains($"./run key create --account {account} --mode test", words.ToString(), StringComparison.Ordinal);
        await FirstStart.EnsureKeyAsync(db.Database, TimeProvider.System, ApiKeys.New(KeyMode.Test));
        Assert.Null(await FirstStart.EnsureAccountAsync(db.Database, TimeProvider.System));
        Assert.Equal(account, await db.ScalarAsync<string>("select account_id from api_keys"));
    }

    [Theory]
    [InlineData("sk-test-0123456789012345678901234567890123456789")]
    [InlineData("mine")]
    public void What_is_no_key_is_refused_with_a_way_to_one(string key)
    {
        var refused = Assert.Single(new BootstrapOptions { Key = key }.Validate(new ValidationContext(new object())));
        Assert.Contains("./run key new --mode test", refused.ErrorMessage, StringComparison.Ordinal);
        Assert.DoesNotContain(key, refused.ErrorMessage, StringComparison.Ordinal);
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
