using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Artifacts;

/// <summary>The artifact and upload tables behave the same on both databases.</summary>
public abstract class ArtifactRecordsConformance : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
    private TestDatabase _db = null!;
    private ArtifactRecords _records = null!;
    private UploadRecords _rows = null!;
    private Uploads _uploads = null!;

    private protected abstract SqlDialect Dialect { get; }

    public async ValueTask InitializeAsync()
    {
        _db = await TestDatabase.CreateAsync(Dialect);
        var options = new ArtifactOptions { DataDirectory = _db.DataDirectory, PublicUrl = new Uri("https://media.example") };
        _records = new ArtifactRecords(_db.Database, options, _time);
        var urls = new SignedUrls(new SigningKeys(options), options, _time);
        _rows = new UploadRecords(_db.Database, options, _time);
        var files = new StoredFiles([new FileArtifactStore(_db.DataDirectory)], new BlobRecords(_db.Database, options, _time), _time);
        var bytes = new UploadBytes(
            files, TestProber.Shared, new StoredBytes(_db.Database, options, _time), new FreeSpace(options, _time), options);
        _uploads = new Uploads(_rows, _records, bytes, new DirectUploads(urls, options, []), options);
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
    public async Task Every_column_comes_back()
    {
        var full = _records.New("acct_one", KeyMode.Live, ArtifactRole.Poster, Probe('a') with { Width = 1, Height = 2, DurationSeconds = 3.5, FramesPerSecond = 23.976, Codec = "h264", AudioCodec = "aac" }, _time.GetUtcNow().AddDays(1));
        var bare = _records.New("acct_one", KeyMode.Test, ArtifactRole.Input, Probe('b'));
        await _records.InsertAsync([full, bare]);
        Assert.Equal(full, await _records.FindAsync("acct_one", full.Id));
        Assert.Equal(bare, await _records.FindAsync("acct_one", bare.Id));
        Assert.Equal(bare, await _records.FindSignedAsync(bare.Id));
    }

    [Fact]
    public async Task An_account_sees_only_its_own()
    {
        var artifact = _records.New("acct_one", KeyMode.Test, ArtifactRole.Output, Probe('a'));
        await _records.InsertAsync([artifact]);
        Assert.Null(await _records.FindAsync("acct_two", artifact.Id));
        Assert.Null(await _records.FindAsync("acct_one", "art_' or 1=1 --"));
        Assert.Equal(0, await _records.DeleteAsync("acct_two", artifact.Id));
        Assert.Equal(1, await _records.DeleteAsync("acct_one", artifact.Id));
        Assert.Null(await _records.FindAsync("acct_one", artifact.Id));
    }

    [Fact]
    public async Task Expiry_goes_in_batches()
    {
        var artifacts = Enumerable.Range(0, 5).Select(i => _records.New("acct_one", KeyMode.Test, ArtifactRole.Upload, Probe((char)('a' + i)), _time.GetUtcNow().AddHours(1))).ToList();
        await _records.InsertAsync(artifacts);
        Assert.Equal(0, await _records.ExpireAsync(10));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Null(await _records.FindAsync("acct_one", artifacts[0].Id));
        Assert.Equal(3, await _records.ExpireAsync(3));
        Assert.Equal(2, await _records.ExpireAsync(3));
        Assert.Equal(0, await _records.ExpireAsync(3));
    }

    [Fact]
    public async Task Parallel_puts_fill_an_upload_once()
    {
        var ticket = (await _uploads.CreateAsync("acct_one", KeyMode.Test, "image/png", null)).Value;
        var bytes = await File.ReadAllBytesAsync(TestMedia.Png, TestContext.Current.CancellationToken);
        var received = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _uploads.ReceiveAsync(ticket.Key, "image/png", new MemoryStream(bytes), default)));
        Assert.Single(received.Select(outcome => outcome.Value.Id).Distinct());
        Assert.Equal(1, await _db.ScalarAsync<long>("select count(*) from artifacts"));
        Assert.NotNull((await _uploads.FindOwnAsync("acct_one", ticket.Key, default)).Value);
        Assert.Null((await _uploads.FindOwnAsync("acct_two", ticket.Key, default)).Value);
        Assert.Null(await _uploads.FindPublicAsync("upl_' or 1=1 --", default));
        _time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(1, (await _rows.ForgetExpiredAsync(10)).Forgotten);
        Assert.Null(await _uploads.FindPublicAsync(ticket.Key, default));
    }

    private static MediaProbe Probe(char digit) => new() { ContentType = "image/png", Bytes = 5, Sha256 = new string(digit, 64) };
}

public sealed class SqliteArtifactRecordsTests : ArtifactRecordsConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresArtifactRecordsTests : ArtifactRecordsConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
