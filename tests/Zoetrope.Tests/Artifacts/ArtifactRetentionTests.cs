using System.Net;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Tests.Artifacts.Media;

namespace Zoetrope.Tests.Artifacts;

public sealed class ArtifactRetentionTests
{
    [Fact]
    public async Task Expired_files_go_and_shared_bytes_stay_for_who_still_shows_them()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var soon = host.Time.GetUtcNow().AddDays(2);
        var expiring = await host.StoreAsync(TestMedia.Png, expiresAt: soon);
        var sharedExpiring = await host.StoreAsync(TestMedia.Jpeg, expiresAt: soon);
        var sharedKept = await host.StoreAsync(TestMedia.Jpeg, "acct_two");
        Assert.Equal(0, await SweepAsync(host));
        host.Time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(1, await SweepAsync(host));
        var store = host.Get<StoredFiles>();
        Assert.Null(await store.LengthAsync(expiring.Key, default));
        Assert.NotNull(await store.LengthAsync(sharedKept.Key, default));
        Assert.Null(await host.Get<ArtifactRecords>().FindAsync("acct_one", sharedExpiring.Id));
        Assert.NotNull(await host.Get<ArtifactRecords>().FindAsync("acct_two", sharedKept.Id));
        using var gone = await host.SendAsync(HttpMethod.Get, host.Get<SignedUrls>().ForArtifact(expiring));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal(0, await SweepAsync(host));
    }

    [Fact]
    public async Task A_file_without_a_row_goes_only_after_the_grace_time()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var path = TestMedia.Copy(TestMedia.WebP);
        var key = new ArtifactKey(await TemporaryFiles.HashAsync(path, default), "webp");
        await host.Get<StoredFiles>().PutAsync(key, path, default);
        host.Time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(0, await SweepAsync(host));
        await host.Get<StoredFiles>().PutAsync(key, TestMedia.Copy(TestMedia.WebP), default);
        host.Time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(0, await SweepAsync(host));
        host.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, await SweepAsync(host));
        Assert.Null(await host.Get<StoredFiles>().LengthAsync(key, default));
    }

    [Fact]
    public async Task Nothing_expires_unless_the_operator_says_so()
    {
        await using var keeping = await ArtifactsHost.StartAsync();
        var kept = await keeping.StoreAsync(TestMedia.Png);
        keeping.Time.Advance(TimeSpan.FromDays(3650));
        Assert.Equal(0, await SweepAsync(keeping));
        Assert.NotNull(await keeping.Get<ArtifactRecords>().FindAsync("acct_one", kept.Id));
        await using var bounded = await ArtifactsHost.StartAsync(options => options.RetentionDays = 30);
        var expiring = await bounded.StoreAsync(TestMedia.Png);
        bounded.Time.Advance(TimeSpan.FromDays(29.9));
        Assert.NotNull(await bounded.Get<ArtifactRecords>().FindAsync("acct_one", expiring.Id));
        bounded.Time.Advance(TimeSpan.FromDays(0.2));
        Assert.Null(await bounded.Get<ArtifactRecords>().FindAsync("acct_one", expiring.Id));
        Assert.Equal(1, await SweepAsync(bounded));
    }

    [Fact]
    public async Task Many_expired_files_go_in_one_sweep_of_bounded_batches()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var artifact = await host.StoreAsync(TestMedia.Png, expiresAt: host.Time.GetUtcNow().AddDays(2));
        var copies = Enumerable.Range(0, 450)
            .Select(_ => host.Get<ArtifactRecords>().New("acct_one", KeyMode.Test, ArtifactRole.Input, artifact.Probe, artifact.ExpiresAt)).ToList();
        await host.Get<ArtifactRecords>().InsertAsync(copies);
        host.Time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(1, await SweepAsync(host));
        Assert.Equal(0, await host.Get<ArtifactRecords>().ExpireAsync(10));
    }

    private static Task<int> SweepAsync(ArtifactsHost host) =>
        host.Get<ArtifactSweep>().RunAsync(CancellationToken.None);
}
