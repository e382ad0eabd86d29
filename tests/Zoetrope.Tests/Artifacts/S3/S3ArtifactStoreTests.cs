using System.Collections.Concurrent;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Artifacts.S3;

/// <summary>Against the strict fake: the suite of all stores, and what only a bucket can do wrong.</summary>
public sealed class S3ArtifactStoreTests : ArtifactStoreConformance
{
    private readonly TemporaryDirectory _elsewhere = new();
    private FakeS3 _fake = null!;
    private TestBucket _bucket = null!;

    private protected override async Task<IArtifactStore> CreateAsync(string directory)
    {
        _fake = await FakeS3.StartAsync();
        _bucket = new TestBucket(TestBucket.Of(_fake.Address), directory);
        return _bucket.Store;
    }

    private protected override async Task CloseAsync()
    {
        _bucket.Dispose();
        await _fake.DisposeAsync();
        _elsewhere.Dispose();
    }

    [Fact]
    public async Task Objects_have_the_documented_names_and_another_node_reads_them_over_the_wire()
    {
        using var other = new TestBucket(TestBucket.Of(_fake.Address), _elsewhere.Path);
        var (key, path) = NewFile(20, 100_000);
        var expected = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await Store.PutAsync(key, path, default);
        Assert.Equal($"media/{key.Sha256[..2]}/{key.Sha256[2..4]}/{key}", Assert.Single(_fake.Objects).Key);

        await using var range = (await other.Store.OpenReadAsync(key, 10, 50_000, default))!;
        using var read = new MemoryStream();
        await range.CopyToAsync(read, TestContext.Current.CancellationToken);
        Assert.Equal(expected[10..50_010], read.ToArray());
        var paths = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => other.Store.LocalPathAsync(key, default)));
        Assert.Equal(expected, await File.ReadAllBytesAsync(Assert.Single(paths.Distinct())!, TestContext.Current.CancellationToken));
        Assert.Equal(2, _fake.Heard.Count(line => line.StartsWith("GET ", StringComparison.Ordinal)));
        Assert.Empty(_fake.Refused);
    }

    [Fact]
    public async Task A_local_copy_outlives_the_process_and_the_least_used_goes_first()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
        var options = TestBucket.Of(_fake.Address, options => options.CacheMegabytes = 1);
        var keys = new List<ArtifactKey>();
        using (var first = new TestBucket(options, _elsewhere.Path, time))
        {
            for (var i = 0; i < 3; i++)
            {
                var (key, path) = NewFile(30 + i, 400_000);
                await first.Store.PutAsync(key, path, default);
                keys.Add(key);
                time.Advance(TimeSpan.FromMinutes(1));
                Assert.NotNull(await first.Store.LocalPathAsync(keys[0], default));
            }
        }

        // The first was handed out just now, so the second went when the third came.
        string[] Copies() => [.. Directory.GetFiles(Path.Combine(_elsewhere.Path, "cache"), "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)).Order()];
        string[] Names(params int[] which) => [.. which.Select(i => keys[i].ToString()).Order()];
        Assert.Equal(Names(0, 2), Copies());
        using var second = new TestBucket(options, _elsewhere.Path, time);
        _fake.Heard.Clear();
        Assert.NotNull(await second.Store.LocalPathAsync(keys[2], default));
        Assert.Empty(_fake.Heard);
        Assert.NotNull(await second.Store.LocalPathAsync(keys[1], default));
        Assert.Equal(Names(1, 2), Copies());

        // What somebody may be opening stays, whatever the limit; later it goes.
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await second.Store.LocalPathAsync(keys[0], default));
        Assert.Equal(Names(0, 1, 2), Copies());
        time.Advance(TimeSpan.FromMinutes(11));
        var (next, file) = NewFile(40, 400_000);
        await second.Store.PutAsync(next, file, default);
        keys.Add(next);
        Assert.Equal(Names(0, 3), Copies());
    }

    public static TheoryData<int> Faults { get; } = [(int)S3Fault.ServerError, (int)S3Fault.SlowDown, (int)S3Fault.Away];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_that_passes_is_not_noticed_and_one_that_stays_is_not_the_files_absence(int fault)
    {
        var (key, path) = NewFile(50, 1000);
        var failures = new ConcurrentBag<int>();
        _fake.Fail = _ =>
        {
            failures.Add(1);
            return failures.Count == 1 ? (S3Fault)fault : S3Fault.None;
        };
        await Store.PutAsync(key, path, default);
        Assert.True(await _bucket.Bucket.IsReachedAsync());

        _fake.Fail = _ => (S3Fault)fault;
        var (other, file) = NewFile(51, 1000);
        var refused = await Assert.ThrowsAsync<StoreAwayException>(() => Store.PutAsync(other, file, default));
        Assert.StartsWith($"The bucket {FakeS3.Bucket} at http://127.0.0.1:", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeS3.SecretKey, refused.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(file));
        await Assert.ThrowsAsync<StoreAwayException>(() => Store.LengthAsync(other, default));
        await Assert.ThrowsAsync<StoreAwayException>(() => Store.OpenReadAsync(other, 0, 10, default));
        await Assert.ThrowsAsync<StoreAwayException>(() => Store.LocalPathAsync(other, default));
        await Assert.ThrowsAsync<StoreAwayException>(() => Store.DeleteAsync(other, default));
        Assert.False(await _bucket.Bucket.IsReachedAsync());
        _fake.Fail = static _ => S3Fault.None;
        await Store.PutAsync(other, file, default);
        Assert.Equal(1000, await Store.LengthAsync(other, default));
    }

    [Fact]
    public async Task A_body_that_is_cut_is_no_file_and_neither_are_other_bytes()
    {
        using var other = new TestBucket(TestBucket.Of(_fake.Address), _elsewhere.Path);
        var (key, path) = NewFile(60, 100_000);
        await Store.PutAsync(key, path, default);
        _fake.Fail = static request => request.Method == "GET" ? S3Fault.Cut : S3Fault.None;
        await Assert.ThrowsAsync<StoreAwayException>(async () =>
        {
            await using var cut = (await other.Store.OpenReadAsync(key, 0, 100_000, default))!;
            await cut.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        });
        await Assert.ThrowsAsync<StoreAwayException>(() => other.Store.LocalPathAsync(key, default));
        _fake.Fail = static _ => S3Fault.None;
        var name = Assert.Single(_fake.Objects).Key;
        _fake.Objects[name] = [.. _fake.Objects[name].Reverse()];
        await Assert.ThrowsAsync<StoreAwayException>(() => other.Store.LocalPathAsync(key, default));
        Assert.Empty(Directory.GetFiles(Path.Combine(_elsewhere.Path, "cache"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Parts_that_fail_leave_no_upload_behind()
    {
        var (key, path) = NewFile(70, 20_000_001);
        _fake.Fail = static request => request.Query["partNumber"] == "2" ? S3Fault.ServerError : S3Fault.None;
        await Assert.ThrowsAsync<StoreAwayException>(() => Store.PutAsync(key, path, default));
        Assert.Equal(0, _fake.OpenUploads);
        Assert.Empty(_fake.Objects);
        Assert.True(File.Exists(path));

        // Of several at once one is first, and the others leave nothing either.
        _fake.Fail = static _ => S3Fault.None;
        await Task.WhenAll(new[] { path, NewFile(70, 20_000_001).Path, NewFile(70, 20_000_001).Path }.Select(copy => Store.PutAsync(key, copy, default)));
        Assert.Equal(0, _fake.OpenUploads);
        Assert.Equal(20_000_001, Assert.Single(_fake.Objects).Value.Length);
    }

    [Theory]
    [InlineData("SecretKey", "Zoetrope__Artifacts__S3__SecretKey: It is not the secret of the access key at http://127.0.0.1:")]
    [InlineData("AccessKey", "Zoetrope__Artifacts__S3__AccessKey: The store http://127.0.0.1:")]
    [InlineData("Region", "Zoetrope__Artifacts__S3__Region: The bucket zoetrope-files at http://127.0.0.1:")]
    [InlineData("Bucket", "Zoetrope__Artifacts__S3__Bucket: There is no bucket another-bucket at http://127.0.0.1:")]
    public async Task A_wrong_setting_is_named_and_no_secret_is_shown(string setting, string begin)
    {
        using var wrong = new TestBucket(
            TestBucket.Of(_fake.Address, options => typeof(S3Options).GetProperty(setting)!.SetValue(options, setting is "Bucket" ? "another-bucket" : setting is "Region" ? "elsewhere-1" : "Wrong+Value/1")), _elsewhere.Path);
        var fault = await wrong.Bucket.FaultAsync(default);
        Assert.StartsWith(begin, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("Wrong+Value", fault, StringComparison.Ordinal);
        Assert.Null(await _bucket.Bucket.FaultAsync(default));
        _fake.Fail = static _ => S3Fault.Away;
        Assert.Null(await _bucket.Bucket.FaultAsync(default));
    }

    [Theory]
    [InlineData("", "http://x", "a", "b", "Bucket: ")]
    [InlineData("Big_Name", "", "a", "b", "Bucket: ")]
    [InlineData("files", "", "", "b", "AccessKey: ")]
    [InlineData("files", "", "a", "", "SecretKey: ")]
    [InlineData("files", "ftp://x", "a", "b", "Endpoint: ")]
    [InlineData("files", "https://x/files", "a", "b", "Endpoint: ")]
    [InlineData("files", "https://a:b@x", "a", "b", "Endpoint: ")]
    [InlineData("files", "", "a", "b", "Region: ", "a/b")]
    [InlineData("files", "", "a", "b", "Prefix: ", "eu", "a b")]
    public void Settings_that_cannot_be_used_are_refused_without_asking_anybody(string bucket, string endpoint, string access, string secret, string named, string region = "eu", string prefix = "")
    {
        var options = new S3Options { Bucket = bucket, Endpoint = endpoint, AccessKey = access, SecretKey = secret, Region = region, Prefix = prefix };
        var refused = Assert.Throws<ArgumentException>(options.Check);
        Assert.StartsWith("Zoetrope__Artifacts__S3__" + named, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The fake reads what other clients send, and holds it against its signatures: otherwise it would prove nothing of ours.</summary>
    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task The_fake_takes_bodies_in_signed_chunks_and_refuses_them_from_a_stranger(bool trailer)
    {
        AmazonS3Client Client(string secret) => new(new BasicAWSCredentials(FakeS3.AccessKey, secret), new AmazonS3Config
        {
            ServiceURL = _fake.Address.ToString(),
            AuthenticationRegion = FakeS3.Region,
            ForcePathStyle = true,
            MaxErrorRetry = 0,
            RequestChecksumCalculation = trailer ? RequestChecksumCalculation.WHEN_SUPPORTED : RequestChecksumCalculation.WHEN_REQUIRED,
        });
        using var client = Client(FakeS3.SecretKey);
        var put = new PutObjectRequest { BucketName = FakeS3.Bucket, Key = "chunks", InputStream = new MemoryStream(new byte[200_000]), UseChunkEncoding = true };
        await client.PutObjectAsync(put, TestContext.Current.CancellationToken);
        Assert.Equal(new byte[200_000], _fake.Objects["chunks"]);
        await client.CopyObjectAsync(FakeS3.Bucket, "chunks", FakeS3.Bucket, "copy", TestContext.Current.CancellationToken);
        Assert.Equal(200_000, _fake.Objects["copy"].Length);
        using var stranger = Client("not the secret");
        var refused = await Assert.ThrowsAsync<AmazonS3Exception>(() => stranger.PutObjectAsync(
            new PutObjectRequest { BucketName = FakeS3.Bucket, Key = "stranger", InputStream = new MemoryStream(new byte[10]) }, TestContext.Current.CancellationToken));
        Assert.Equal("SignatureDoesNotMatch", refused.ErrorCode);
        Assert.False(_fake.Objects.ContainsKey("stranger"));
    }
}
