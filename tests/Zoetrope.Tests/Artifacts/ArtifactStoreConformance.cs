using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Artifacts;

/// <summary>What every <see cref="IArtifactStore"/> must do; each implementation derives this.</summary>
public abstract class ArtifactStoreConformance : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    private protected IArtifactStore Store { get; private set; } = null!;

    private protected abstract Task<IArtifactStore> CreateAsync(string directory);

    private protected virtual Task CloseAsync() => Task.CompletedTask;

    public async ValueTask InitializeAsync() => Store = await CreateAsync(_directory.Path);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_is_put_is_read_back_and_the_source_is_consumed()
    {
        var (key, path) = NewFile(1, 300_000);
        var expected = File.ReadAllBytes(path);
        await Store.PutAsync(key, path, default);
        Assert.False(File.Exists(path));
        Assert.Equal(expected.Length, await Store.LengthAsync(key, default));
        Assert.Equal(expected, await ReadAsync(key, 0, expected.Length));
        Assert.Equal(expected, File.ReadAllBytes((await Store.LocalPathAsync(key, default))!));
    }

    [Theory]
    [InlineData(0, 1), InlineData(1, 9), InlineData(999, 1), InlineData(500, 500), InlineData(0, 1000), InlineData(1000, 0)]
    public async Task A_range_is_exactly_the_range(int from, int count)
    {
        var (key, path) = NewFile(2, 1000);
        var expected = File.ReadAllBytes(path);
        await Store.PutAsync(key, path, default);
        Assert.Equal(expected[from..(from + count)], await ReadAsync(key, from, count));
    }

    [Fact]
    public async Task The_same_bytes_are_stored_once()
    {
        var (key, path) = NewFile(3, 100);
        await Store.PutAsync(key, path, default);
        var (_, again) = NewFile(3, 100);
        await Store.PutAsync(key, again, default);
        Assert.False(File.Exists(again));
        Assert.Single(await ListAsync(null));
        Assert.Equal(100, await Store.LengthAsync(key, default));
    }

    [Fact]
    public async Task A_large_file_arrives_whole_and_is_put_twice_without_harm()
    {
        var (key, path) = NewFile(7, 20_000_001);
        await Store.PutAsync(key, path, default);
        await Store.PutAsync(key, NewFile(7, 20_000_001).Path, default);
        await using var stream = (await Store.OpenReadAsync(key, 0, 20_000_001, default))!;
        Assert.Equal(key.Sha256, Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(stream, TestContext.Current.CancellationToken)));
        Assert.Equal(20_000_001, await Store.LengthAsync(key, default));
    }

    [Fact]
    public async Task Many_writers_of_the_same_bytes_agree()
    {
        var files = Enumerable.Range(0, 16).Select(_ => NewFile(4, 50_000)).ToList();
        await Task.WhenAll(files.Select(file => Task.Run(() => Store.PutAsync(file.Key, file.Path, default))));
        Assert.Single(await ListAsync(null));
        Assert.Equal(50_000, await Store.LengthAsync(files[0].Key, default));
    }

    [Fact]
    public async Task What_does_not_exist_is_null()
    {
        var (key, _) = NewFile(5, 1);
        Assert.Null(await Store.LengthAsync(key, default));
        Assert.Null(await Store.OpenReadAsync(key, 0, 1, default));
        Assert.Null(await Store.LocalPathAsync(key, default));
        Assert.False(await Store.DeleteAsync(key, default));
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_an_open_reader_finishes()
    {
        var (key, path) = NewFile(6, 200_000);
        await Store.PutAsync(key, path, default);
        await using var open = (await Store.OpenReadAsync(key, 0, 200_000, default))!;
        Assert.True(await Store.DeleteAsync(key, default));
        Assert.Null(await Store.LengthAsync(key, default));
        Assert.Empty(await ListAsync(null));
        using var rest = new MemoryStream();
        await open.CopyToAsync(rest, TestContext.Current.CancellationToken);
        Assert.Equal(200_000, rest.Length);
    }

    [Fact]
    public async Task A_listing_is_ordered_and_continues_after_a_key()
    {
        var keys = new List<ArtifactKey>();
        for (var i = 0; i < 40; i++)
        {
            var (key, path) = NewFile(100 + i, 10 + i);
            await Store.PutAsync(key, path, default);
            keys.Add(key);
        }

        keys.Sort((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));
        Assert.Equal(keys, (await ListAsync(null)).Select(stored => stored.Key));
        for (var i = 0; i < keys.Count; i++)
        {
            Assert.Equal(keys[(i + 1)..], (await ListAsync(keys[i])).Select(stored => stored.Key));
        }
    }

    [Theory]
    [InlineData("../../../../etc/passwd", "png"), InlineData("", "png"), InlineData("abc", "png"), InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "../x")]
    [InlineData("0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", "png"), InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "")]
    public async Task A_key_that_is_none_never_becomes_a_path(string hash, string extension) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Store.LengthAsync(new ArtifactKey(hash, extension), default));

    private protected (ArtifactKey Key, string Path) NewFile(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        var path = Path.Combine(_directory.Path, Guid.NewGuid().ToString("n"));
        File.WriteAllBytes(path, bytes);
        return (new ArtifactKey(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), "bin"), path);
    }

    private async Task<byte[]> ReadAsync(ArtifactKey key, long from, long count)
    {
        await using var stream = (await Store.OpenReadAsync(key, from, count, default))!;
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private async Task<List<StoredObject>> ListAsync(ArtifactKey? after)
    {
        var all = new List<StoredObject>();
        await foreach (var stored in Store.ListAsync(after, default))
        {
            all.Add(stored);
        }

        return all;
    }
}

public sealed class FileArtifactStoreTests : ArtifactStoreConformance
{
    private protected override Task<IArtifactStore> CreateAsync(string directory) => Task.FromResult<IArtifactStore>(new FileArtifactStore(directory));
}
