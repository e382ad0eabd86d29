using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Artifacts.Stores;

/// <summary>The rows decide what exists and what may go, whatever nodes do at the same time.</summary>
public abstract class StoredFilesConformance : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
    private ArtifactOptions _options = null!;
    private TestDatabase _db = null!;
    private SlowStore _store = null!;
    private BlobRecords _blobs = null!;
    private ArtifactRecords _artifacts = null!;
    private StoredFiles _files = null!;

    private protected abstract SqlDialect Dialect { get; }

    public async ValueTask InitializeAsync()
    {
        _db = await TestDatabase.CreateAsync(Dialect);
        _options = new ArtifactOptions { DataDirectory = _db.DataDirectory };
        _store = new SlowStore(new FileArtifactStore(_db.DataDirectory));
        _blobs = new BlobRecords(_db.Database, _options, _time);
        _artifacts = new ArtifactRecords(_db.Database, _options, _time);
        _files = new StoredFiles([_store], _blobs, _time);
    }

    public async ValueTask DisposeAsync()
    {
        if (_db is not null)
        {
            await _db.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_nobody_names_goes_after_the_grace_time_and_what_somebody_names_is_not_looked_at_again()
    {
        var orphan = await PutAsync(1);
        var named = await PutAsync(2);
        var artifact = await NameAsync(named);
        Assert.Equal((0, 0), await _files.DeleteUnusedAsync(default));
        _time.Advance(TimeSpan.FromHours(25));
        Assert.Equal((2, 1), await _files.DeleteUnusedAsync(default));
        Assert.Equal((0, 0), await _files.DeleteUnusedAsync(default));
        Assert.Null(await _files.LengthAsync(orphan, default));
        Assert.Equal(100, await _files.LengthAsync(named, default));
        Assert.Equal(1, await _db.ScalarAsync<long>("select count(*) from blobs"));
        Assert.Null(await _db.ScalarAsync<long?>("select check_at from blobs"));

        // Its last name goes: it is looked at when nobody can be taking it over any more.
        Assert.Equal(1, await _artifacts.DeleteAsync("acct_one", artifact.Id));
        Assert.Equal((0, 0), await _files.DeleteUnusedAsync(default));
        _time.Advance(TimeSpan.FromHours(1.1));
        Assert.Equal((1, 1), await _files.DeleteUnusedAsync(default));
        Assert.Equal(0, await _db.ScalarAsync<long>("select count(*) from blobs"));
    }

    [Fact]
    public async Task What_is_stored_again_is_young_again()
    {
        var key = await PutAsync(3);
        _time.Advance(TimeSpan.FromHours(23));
        await PutAsync(3);
        _time.Advance(TimeSpan.FromHours(23));
        Assert.Equal((0, 0), await _files.DeleteUnusedAsync(default));
        Assert.False(await _files.DeleteAsync(key, _time.GetUtcNow().AddDays(-1), default));
        Assert.True(await _files.DeleteAsync(key, _time.GetUtcNow(), default));
        Assert.False(await _files.DeleteAsync(key, _time.GetUtcNow(), default));
    }

    [Fact]
    public async Task A_result_that_waits_for_its_record_is_a_name()
    {
        var key = await PutAsync(4);
        await _db.ExecuteAsync("insert into attempt_results (attempt_id, ordinal, sha256, ext, created_at) values ('a', 0, @Sha256, 'bin', 0)", new { key.Sha256 });
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal((1, 0), await _files.DeleteUnusedAsync(default));
        Assert.False(await _files.DeleteAsync(key, _time.GetUtcNow(), default));
    }

    [Fact]
    public async Task Who_stores_what_another_node_is_deleting_waits_and_the_file_is_there_afterwards()
    {
        var key = await PutAsync(5);
        _time.Advance(TimeSpan.FromHours(25));
        _store.Hold();
        var deleting = _files.DeleteUnusedAsync(default);
        await _store.Reached;
        var storing = PutAsync(5);
        await Until.HoldsAsync(async () => await _db.ScalarAsync<string>("select state from blobs") == "deleting");
        Assert.False(storing.IsCompleted);
        _store.Release();
        Assert.Equal((1, 1), await deleting);
        await Until.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(60));
            return storing.IsCompleted;
        });
        await storing;
        Assert.Equal(100, await _files.LengthAsync(key, default));
        Assert.Equal("stored", await _db.ScalarAsync<string>("select state from blobs"));
    }

    [Fact]
    public async Task What_a_dead_node_began_to_delete_is_finished_by_another_or_taken_up_again()
    {
        var (first, second) = (await PutAsync(6), await PutAsync(7));
        _time.Advance(TimeSpan.FromHours(25));
        Assert.Equal(2, (await _blobs.JudgeAsync(10)).Unused.Count);
        Assert.Empty((await _blobs.JudgeAsync(10)).Unused);
        Assert.False(await _blobs.TouchAsync(first, 100));
        _time.Advance(TimeSpan.FromMinutes(2));
        await PutAsync(6);
        Assert.Equal((1, 1), await _files.DeleteUnusedAsync(default));
        Assert.Equal(100, await _files.LengthAsync(first, default));
        Assert.Null(await _files.LengthAsync(second, default));
    }

    [Fact]
    public async Task A_place_that_is_away_keeps_the_row_until_the_object_is_gone()
    {
        var key = await PutAsync(8);
        _time.Advance(TimeSpan.FromHours(25));
        _store.Away = true;
        await Assert.ThrowsAsync<StoreAwayException>(() => _files.DeleteUnusedAsync(default));
        await Assert.ThrowsAsync<StoreAwayException>(() => _files.LengthAsync(key, default));
        _store.Away = false;
        Assert.Equal((0, 0), await _files.DeleteUnusedAsync(default));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((1, 1), await _files.DeleteUnusedAsync(default));
    }

    [Fact]
    public async Task Many_nodes_that_store_and_delete_the_same_bytes_lose_nothing_that_was_stored_last()
    {
        _options.OrphanGrace = TimeSpan.FromHours(1);
        var other = new StoredFiles([_store], new BlobRecords(_db.Database, _options, TimeProvider.System), TimeProvider.System);
        var one = new StoredFiles([_store], new BlobRecords(_db.Database, _options, TimeProvider.System), TimeProvider.System);
        for (var round = 0; round < 30; round++)
        {
            var (key, path) = NewFile(9);
            var sweeps = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => other.DeleteUnusedAsync(default))));
            await one.PutAsync(key, path, default);
            await NameAsync(key);
            await sweeps;
            Assert.Equal(100, await one.LengthAsync(key, default));
            Assert.Equal("stored", await _db.ScalarAsync<string>("select state from blobs"));
            await _db.ExecuteAsync("delete from artifacts");
            await _db.ExecuteAsync("update blobs set check_at = 0, touched_at = 0");
        }
    }

    [Fact]
    public async Task A_file_without_a_row_is_found_once_a_week_by_one_node_and_treated_like_any_other()
    {
        var named = await PutAsync(10);
        await NameAsync(named);
        var unnamed = await PutAsync(11);
        await PutAsync(12);
        await _db.ExecuteAsync("delete from blobs where sha256 <> (select max(sha256) from blobs)");
        File.SetLastWriteTimeUtc((await _files.LocalPathAsync(unnamed, default))!, _time.GetUtcNow().UtcDateTime.AddDays(-2));
        File.SetLastWriteTimeUtc((await _files.LocalPathAsync(named, default))!, _time.GetUtcNow().UtcDateTime.AddDays(-2));
        var walk = new StoreWalk(_files, _blobs, _options);
        var walks = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => walk.WalkDueAsync(default)));
        Assert.Equal(2, walks.Sum());
        Assert.Equal(1, walks.Count(found => found > 0));
        await _files.DeleteUnusedAsync(default);
        Assert.NotNull(await _files.LengthAsync(named, default));
        Assert.Equal(0, await walk.WalkDueAsync(default));
        _time.Advance(TimeSpan.FromDays(7.1));
        await _db.ExecuteAsync("delete from blobs");
        _store.Away = true;
        await Assert.ThrowsAsync<StoreAwayException>(() => walk.WalkDueAsync(default));
        _store.Away = false;
        Assert.True(await walk.WalkDueAsync(default) > 0);
    }

    [Fact]
    public async Task Files_of_an_earlier_version_get_their_rows_from_the_migration()
    {
        await _db.ExecuteAsync("delete from blobs");
        foreach (var (id, type, digit, deleted) in new[] { ("art_1", "image/png", 'a', 0), ("art_2", "video/quicktime", 'b', 0), ("art_3", "image/heif", 'c', 0), ("art_4", "image/png", 'd', 1), ("art_5", "image/png", 'a', 0), ("art_6", "what/ever", 'e', 0) })
        {
            await _db.ExecuteAsync(
                $"insert into artifacts (id, account_id, mode, role, content_type, bytes, sha256, created_at, deleted_at) values (@id, 'acct_one', 0, 'output', @type, 5, @sha, 7, {(deleted == 1 ? "8" : "null")})",
                new { id, type, sha = new string(digit, 64) });
        }

        var folder = Dialect is SqlDialect.Sqlite ? "sqlite" : "postgres";
        var script = await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "src/Zoetrope.Server/Storage/Migrations", folder, "0015_blobs.sql"), TestContext.Current.CancellationToken);
        await _db.ExecuteAsync(script[script.LastIndexOf("insert into blobs", StringComparison.Ordinal)..]);
        Assert.Equal(["a.png", "b.mov", "c.heic", "e.bin"], await _db.QueryAsync<string>("select substr(sha256, 1, 1) || '.' || ext from blobs order by sha256"));

        // The script knows every type that the server does.
        Assert.All(UploadTypes.All, type => Assert.Contains($"when '{type}' then '{new MediaProbe { ContentType = type, Bytes = 0, Sha256 = "" }.Extension}'", script, StringComparison.Ordinal));
    }

    private async Task<ArtifactKey> PutAsync(int seed)
    {
        var (key, path) = NewFile(seed);
        await _files.PutAsync(key, path, default);
        return key;
    }

    private async Task<Artifact> NameAsync(ArtifactKey key)
    {
        var artifact = _artifacts.New("acct_one", KeyMode.Test, ArtifactRole.Output, new MediaProbe { ContentType = "application/x", Bytes = 100, Sha256 = key.Sha256 });
        await _artifacts.InsertAsync([artifact]);
        return artifact;
    }

    private (ArtifactKey Key, string Path) NewFile(int seed)
    {
        var bytes = new byte[100];
        new Random(seed).NextBytes(bytes);
        var path = Path.Combine(_db.DataDirectory, Guid.NewGuid().ToString("n"));
        File.WriteAllBytes(path, bytes);
        return (new ArtifactKey(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), "bin"), path);
    }

    /// <summary>A place whose deletions can be held, and that can be away.</summary>
    private sealed class SlowStore(FileArtifactStore inner) : IArtifactStore
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _held;

        public bool Away { get; set; }

        public Task Reached => _reached.Task;

        public string Place => inner.Place;

        public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _held!.SetResult();

        public Task PutAsync(ArtifactKey key, string path, CancellationToken cancellationToken) => Here().PutAsync(key, path, cancellationToken);

        public Task<long?> LengthAsync(ArtifactKey key, CancellationToken cancellationToken) => Here().LengthAsync(key, cancellationToken);

        public Task<Stream?> OpenReadAsync(ArtifactKey key, long offset, long length, CancellationToken cancellationToken) => Here().OpenReadAsync(key, offset, length, cancellationToken);

        public Task<string?> LocalPathAsync(ArtifactKey key, CancellationToken cancellationToken) => Here().LocalPathAsync(key, cancellationToken);

        public async Task<bool> DeleteAsync(ArtifactKey key, CancellationToken cancellationToken)
        {
            if (_held is { } held)
            {
                _reached.TrySetResult();
                await held.Task;
            }

            return await Here().DeleteAsync(key, cancellationToken);
        }

        public IAsyncEnumerable<StoredObject> ListAsync(ArtifactKey? after, CancellationToken cancellationToken) => Here().ListAsync(after, cancellationToken);

        private FileArtifactStore Here() => Away ? throw new StoreAwayException("away") : inner;
    }
}

public sealed class SqliteStoredFilesTests : StoredFilesConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresStoredFilesTests : StoredFilesConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
