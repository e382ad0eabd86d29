using System.Text;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Hosting;
using Zoetrope.Server.Hosting.Cluster;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting.Cluster;

/// <summary>Nodes of one database sign with the same secrets, or do not start.</summary>
public sealed class SharedSecretsTests : IAsyncLifetime
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private readonly List<TemporaryDirectory> _directories = [];
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
        Assert.Equal(["admin.key", "oauth.key", "url-signing.key", "webhooks.key"], files);
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

    private Task AgreeAsync(string directory, byte[]? key) => new SharedSecrets(_database.Database, key, directory, TimeProvider.System)
        .AgreeAsync(SharedSecrets.All(directory, new ArtifactOptions { DataDirectory = directory }, hasAdminKey: false));

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
