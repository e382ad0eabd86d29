using System.Text;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.OAuth;
using Zoetrope.Server.Hosting;
using Zoetrope.Server.Hosting.Cluster;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting.Cluster;

/// <summary>Nodes of one database sign with the same secrets, or do not start.</summary>
public sealed class SharedSecretsTests : IAsyncLifetime
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly IReadOnlyList<Secret> All = SharedSecrets.All(new OAuthOptions(), hasAdminKey: false);
    private readonly List<TemporaryDirectory> _directories = [];
    private readonly MovedClock _time = new();
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        TestPostgres.SkipIfAbsent();
        _database = await TestDatabase.CreateAsync(SqlDialect.Postgres);
    }

    public async ValueTask DisposeAsync()
    {
        _directories.ForEach(directory => directory.Dispose());
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Nodes_with_the_master_key_take_the_secrets_of_the_first_and_the_database_alone_tells_none()
    {
        var nodes = new[] { NewDirectory(), NewDirectory(), NewDirectory() };
        await Task.WhenAll(nodes.Select(node => AgreeAsync(node, Key)));
        var files = Directory.EnumerateFiles(Path.Combine(nodes[0], "secrets")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(["admin.key", "oauth.key", "people.key", "silo.key", "url-signing.key", "webhooks.key"], files);
        foreach (var file in files)
        {
            var first = await SecretAsync(nodes[0], file!);
            Assert.Equal(first, await SecretAsync(nodes[1], file!));
            Assert.Equal(first, await SecretAsync(nodes[2], file!));
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Path.Combine(nodes[1], "secrets", file!)) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
            var row = await _database.Database.ReadAsync(async session => await session.ScalarAsync<byte[]>("select sealed from secrets where name = @file", new { file }));
            Assert.Equal(-1, row!.AsSpan().IndexOf(first.AsSpan(0, 16)));
        }
    }

    [Fact]
    public async Task Another_master_key_none_and_other_secrets_are_refused_in_a_line_that_says_what_to_do()
    {
        var first = NewDirectory();
        await AgreeAsync(first, null);
        await RefusedAsync(NewDirectory(), null, "SECRETS_DIFFER", "Zoetrope__Secrets__MasterKey");

        // The one that has them shares them from now on; a node with files of its own must say which it means.
        await AgreeAsync(first, Key);
        await RefusedAsync(NewDirectory(), [.. Key.Reverse()], "MASTER_KEY_WRONG", "other nodes");
        await RefusedAsync(NewDirectory(), null, "MASTER_KEY_MISSING", "Zoetrope__Secrets__MasterKey");
        var other = NewDirectory();
        Directory.CreateDirectory(Path.Combine(other, "secrets"));
        await File.WriteAllBytesAsync(Path.Combine(other, "secrets", "webhooks.key"), new byte[32], TestContext.Current.CancellationToken);
        await RefusedAsync(other, Key, "SECRETS_DIFFER", "webhooks.key");
        File.Delete(Path.Combine(other, "secrets", "webhooks.key"));
        await AgreeAsync(other, Key);
    }

    [Fact]
    public async Task A_changed_secret_is_accepted_everywhere_before_anyone_signs_with_it_and_the_old_one_until_what_it_signed_has_died()
    {
        var (one, two) = (NewDirectory(), NewDirectory());
        await AgreeAsync(one, Key);
        await AgreeAsync(two, Key);
        var (old, fresh) = (await SecretAsync(one, "url-signing.key"), SigningKeys.Secret.Make());
        var rows = new SecretRows(_database.Database, _time);
        Assert.True(await rows.SucceedAsync("url-signing", fresh, Key));
        Assert.False(await rows.SucceedAsync("url-signing", SigningKeys.Secret.Make(), Key));

        await Shared(one, Key).FollowAsync(All);
        await Shared(two, Key).FollowAsync(All);
        Assert.Equal([old, fresh], SecretFiles.Accepted(one, SigningKeys.Secret));
        _time.Advance(SecretRows.ToNotice);
        await Shared(one, Key).FollowAsync(All);
        Assert.Equal([fresh, old], SecretFiles.Accepted(one, SigningKeys.Secret));

        // The other has not looked yet, and signs with the old one; each accepts what the other signs.
        Assert.Equal([old, fresh], SecretFiles.Accepted(two, SigningKeys.Secret));
        await Shared(two, Key).FollowAsync(All);
        Assert.Equal([fresh, old], SecretFiles.Accepted(two, SigningKeys.Secret));
        _time.Advance(SigningKeys.Secret.Overlap!.Value + TimeSpan.FromSeconds(1));
        await Shared(one, Key).FollowAsync(All);
        Assert.Equal([fresh], SecretFiles.Accepted(one, SigningKeys.Secret));

        // After a leak there is no overlap; and a node that slept through it all starts again.
        var third = SigningKeys.Secret.Make();
        Assert.True(await rows.ReplaceAsync("url-signing", third, Key));
        await Shared(one, Key).FollowAsync(All);
        Assert.Equal([third], SecretFiles.Accepted(one, SigningKeys.Secret));
        Assert.True(await rows.SucceedAsync("url-signing", fresh, Key));
        _time.Advance(SecretRows.ToNotice);
        await AgreeAsync(one, Key);
        Assert.Equal([fresh, third], SecretFiles.Accepted(one, SigningKeys.Secret));
    }

    [Fact]
    public async Task Another_master_key_opens_all_that_the_old_one_did_and_the_old_one_nothing()
    {
        byte[] other = [.. Key.Reverse()];
        var (one, two) = (NewDirectory(), NewDirectory());
        await AgreeAsync(one, Key);
        var rows = new SecretRows(_database.Database, _time);
        await rows.SucceedAsync("oauth", OAuthKeys.Secret(default).Make(), Key);
        Assert.Equal(6, await rows.ResealAsync(Key, other));
        await RefusedAsync(NewDirectory(), Key, "MASTER_KEY_WRONG", "other nodes");
        await AgreeAsync(two, other);
        Assert.Equal(await SecretAsync(one, "webhooks.key"), await SecretAsync(two, "webhooks.key"));
        Assert.Equal(2, SecretFiles.FilesOf(two, "oauth").Count());
        await Assert.ThrowsAsync<StartException>(() => rows.ResealAsync(Key, other));
        await AgreeAsync(two, other);
    }

    [Fact]
    public async Task Nodes_know_each_other_by_one_certificate_and_nobody_else()
    {
        var (one, two, foreign) = (NewDirectory(), NewDirectory(), NewDirectory());
        await AgreeAsync(one, Key);
        await AgreeAsync(two, Key);
        SecretFiles.ReadOrMake(foreign, SiloCertificate.Secret);
        var certificates = new[] { one, two, foreign }.Select(directory =>
        {
            var certificate = new SiloCertificate();
            certificate.Load(directory);
            return certificate;
        }).ToList();
        Assert.True(certificates[0].Current.HasPrivateKey);
        Assert.True(certificates[0].Accepts(certificates[1].Current));
        Assert.False(certificates[0].Accepts(certificates[2].Current));
        Assert.False(certificates[0].Accepts(null));
    }

    [Fact]
    public void A_sealed_secret_opens_only_under_its_own_name_and_key()
    {
        var whole = SealedBytes.Seal(Key, "webhooks.key", "secret"u8);
        Assert.Equal("secret", Encoding.UTF8.GetString(SealedBytes.Open(Key, "webhooks.key", whole)!));
        Assert.Null(SealedBytes.Open(Key, "oauth.key", whole));
        Assert.Null(SealedBytes.Open([.. Key.Reverse()], "webhooks.key", whole));
        Assert.Null(SealedBytes.Open(Key, "webhooks.key", whole[..8]));
        whole[^1] ^= 1;
        Assert.Null(SealedBytes.Open(Key, "webhooks.key", whole));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("AAAA")]
    public void What_is_no_master_key_is_refused_and_not_repeated(string text)
    {
        var refused = Assert.Throws<StartException>(() => new SecretsOptions { MasterKey = text }.Read());
        Assert.Contains("Zoetrope__Secrets__MasterKey", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(text, refused.Message, StringComparison.Ordinal);
    }

    private string NewDirectory()
    {
        _directories.Add(new TemporaryDirectory());
        return _directories[^1].Path;
    }

    private Task AgreeAsync(string directory, byte[]? key) => Shared(directory, key).AgreeAsync(All);

    private SharedSecrets Shared(string directory, byte[]? key) => new(new SecretRows(_database.Database, _time), key, directory);

    private async Task RefusedAsync(string directory, byte[]? key, string code, string words)
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => AgreeAsync(directory, key));
        Assert.Equal(code, refused.Code);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    private static Task<byte[]> SecretAsync(string directory, string file) =>
        File.ReadAllBytesAsync(Path.Combine(directory, "secrets", file), TestContext.Current.CancellationToken);
}
