using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Sandbox;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.S3;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Sandbox;

/// <summary>Jobs of the sandbox are the database's: what one node accepted no other denies, and whoever is free draws it.</summary>
public sealed class SandboxNodeTests
{
    [Theory]
    [InlineData(SqlDialect.Sqlite), InlineData(SqlDialect.Postgres)]
    internal async Task Any_node_answers_for_a_job_and_any_worker_draws_it(SqlDialect dialect)
    {
        await using var scene = await Scene.OpenAsync(dialect, shared: true);
        await using var one = await scene.NodeAsync("one", draws: false);
        await using var two = await scene.NodeAsync("two");
        var picture = SandboxFixture.Image("a cat");
        Assert.IsType<SubmitResult.Accepted>(await one.Adapter.SubmitAsync(picture, default));
        Assert.IsType<LookupResult.Found>(await two.Adapter.LookupAsync(picture, default));
        Assert.IsType<LookupResult.Absent>(await two.Adapter.LookupAsync(SandboxFixture.Image("a cat"), default));

        // The node that drew it and the one that did not have the same file.
        var drawn = await Until.SeesAsync(() => two.Adapter.PollAsync(picture, "", default), result => result is PollResult.Succeeded);
        var asked = Assert.IsType<PollResult.Succeeded>(await one.Adapter.PollAsync(picture, "", default));
        Assert.Equal(await File.ReadAllBytesAsync(PathOf(drawn)), await File.ReadAllBytesAsync(PathOf(asked)));

        // A result is the input of the next at a node that never had the file.
        var upscaled = SandboxFixture.Request(
            "", "upscale", new OutputSpec { Media = MediaType.Image, Format = "png", Width = 192, Height = 128 }, new ProviderInput("image_url", PathOf(asked), "image/png"));
        await one.Adapter.SubmitAsync(upscaled, default);
        await Until.SeesAsync(() => one.Adapter.PollAsync(upscaled, "", default), result => result is PollResult.Succeeded);

        // What was asked once was asked, wherever.
        Assert.IsType<SubmitResult.Refused>(await one.Adapter.SubmitAsync(SandboxFixture.Image("[[provider-429]]"), default));
        Assert.IsType<SubmitResult.Accepted>(await two.Adapter.SubmitAsync(SandboxFixture.Image("[[provider-429]]"), default));
        var backwards = SandboxFixture.Image("[[status-backwards]]");
        await two.Adapter.SubmitAsync(backwards, default);
        Assert.Equal(80, Assert.IsType<PollResult.Running>(await one.Adapter.PollAsync(backwards, "", default)).Progress);
        Assert.Equal(10, Assert.IsType<PollResult.Running>(await two.Adapter.PollAsync(backwards, "", default)).Progress);
    }

    [Theory]
    [InlineData(SqlDialect.Sqlite), InlineData(SqlDialect.Postgres)]
    internal async Task What_a_dead_worker_drew_is_drawn_by_another_and_a_cancel_reaches_whoever_draws(SqlDialect dialect)
    {
        await using var scene = await Scene.OpenAsync(dialect, shared: true);

        // Recorded as being drawn, and then the node is gone.
        var dead = new SandboxJobs(scene.Database, new GenerationOwner("dead", "c"), scene.Time);
        var orphan = SandboxFixture.Image("a fox");
        await using var asking = await scene.NodeAsync("asking", draws: false);
        await asking.Adapter.SubmitAsync(orphan, default);
        Assert.Equal(orphan.AttemptId, (await dead.TakeAsync())?.AttemptId);
        Assert.Null(await dead.TakeAsync());
        await using var two = await scene.NodeAsync("two");
        Assert.IsType<PollResult.Running>(await asking.Adapter.PollAsync(orphan, "", default));
        scene.Time.Advance(TimeSpan.FromSeconds(31));
        await Until.SeesAsync(() => asking.Adapter.PollAsync(orphan, "", default), result => result is PollResult.Succeeded);
        Assert.False(await dead.RenewAsync(orphan.AttemptId, 50));
        Assert.False(await dead.EndAsync(orphan.AttemptId, SandboxStates.Done, null, null, "png"));

        var film = SandboxFixture.Video("a long film", 640, 360, 24, 120);
        await asking.Adapter.SubmitAsync(film, default);
        await Until.SeesAsync(() => asking.Adapter.PollAsync(film, "", default), result => result is PollResult.Running { QueuePosition: null });
        Assert.Equal(CancelResult.Confirmed, await asking.Adapter.CancelAsync(film, "", default));
        await Until.HoldsAsync(() =>
        {
            // Who draws it looks every two seconds whether it is still wanted.
            return two.Renderers.ProgressOf(film.AttemptId) is null;
        });
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(two.Directory, "sandbox", "work")));
        Assert.Equal(ProviderErrorKind.Canceled, Assert.IsType<PollResult.Failed>(await asking.Adapter.PollAsync(film, "", default)).Error.Kind);
    }

    [Theory]
    [InlineData(SqlDialect.Sqlite), InlineData(SqlDialect.Postgres)]
    internal async Task Where_nodes_share_no_files_whoever_wants_a_result_draws_it(SqlDialect dialect)
    {
        await using var scene = await Scene.OpenAsync(dialect, shared: false);
        await using var one = await scene.NodeAsync("one");
        await using var two = await scene.NodeAsync("two");
        var picture = SandboxFixture.Image("a whale");
        await one.Adapter.SubmitAsync(picture, default);
        await one.RenderedAsync(picture);
        Assert.IsType<LookupResult.Found>(await two.Adapter.LookupAsync(picture, default));
        var drawn = await Until.SeesAsync(() => two.Adapter.PollAsync(picture, "", default), result => result is PollResult.Succeeded);
        Assert.StartsWith(two.Directory, PathOf(drawn), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SqlDialect.Sqlite), InlineData(SqlDialect.Postgres)]
    internal async Task Jobs_and_their_files_go_when_their_time_has_come(SqlDialect dialect)
    {
        await using var scene = await Scene.OpenAsync(dialect, shared: true);
        await using var node = await scene.NodeAsync("one");
        var retention = new SandboxRetention(scene.Database, node.Files, node.Options, scene.Time);
        var (fetched, forgotten) = (SandboxFixture.Image("a cat"), SandboxFixture.Image("[[provider-429]] a dog"));
        await node.Adapter.SubmitAsync(forgotten, default);
        await node.Adapter.SubmitAsync(forgotten, default);
        await node.Adapter.SubmitAsync(fetched, default);
        await Until.SeesAsync(() => node.Adapter.PollAsync(fetched, "", default), result => result is PollResult.Succeeded);
        await node.RenderedAsync(forgotten);
        Assert.Equal(2, scene.Bucket.Objects.Count);

        scene.Time.Advance(TimeSpan.FromHours(1.1));
        Assert.Equal(1, await retention.DeleteSomeAsync());
        Assert.Equal([forgotten.AttemptId], await node.AcceptedAsync());
        scene.Time.Advance(TimeSpan.FromHours(25));
        await scene.Files.DeleteUnusedAsync(default);
        Assert.Single(scene.Bucket.Objects);
        scene.Time.Advance(AheadIds.Of(Ids.Attempt, forgotten.AttemptId) + TimeSpan.FromDays(2));
        Assert.Equal(2, await retention.DeleteSomeAsync());
        Assert.Equal(0, await retention.DeleteSomeAsync());
        await scene.Files.DeleteUnusedAsync(default);
        Assert.Empty(scene.Bucket.Objects);
    }

    [Fact]
    internal async Task A_job_of_an_earlier_version_is_known_and_drawn_anew()
    {
        var request = SandboxFixture.Image("a cat");
        var directory = Directory.CreateTempSubdirectory("sandbox-").FullName;
        var jobs = Directory.CreateDirectory(Path.Combine(directory, "sandbox", "jobs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(jobs, request.AttemptId + ".json"), "{}");
        await using var sandbox = await SandboxFixture.OpenAsync(directory);
        Assert.IsType<LookupResult.Found>(await sandbox.Adapter.LookupAsync(request, default));
        Assert.IsType<PollResult.Succeeded>(await sandbox.EndAsync(request));
    }

    private static string PathOf(PollResult result) => Assert.Single(Assert.IsType<PollResult.Succeeded>(result).Outputs).Path!;

    private sealed class Scene : IAsyncDisposable
    {
        private readonly TestDatabase _database;
        private readonly bool _shared;
        private readonly List<TestBucket> _buckets = [];
        private readonly TemporaryDirectory _directory = new();

        private Scene(TestDatabase database, FakeS3 bucket, bool shared) => (_database, Bucket, _shared) = (database, bucket, shared);

        public MovedClock Time { get; } = new();

        public FakeS3 Bucket { get; }

        public Database Database => _database.Database;

        public StoredFiles Files => Shared(_directory.Path);

        public static async Task<Scene> OpenAsync(SqlDialect dialect, bool shared) =>
            new(await TestDatabase.CreateAsync(dialect), await FakeS3.StartAsync(), shared);

        public Task<SandboxFixture> NodeAsync(string name, bool draws = true)
        {
            var directory = Directory.CreateDirectory(Path.Combine(_directory.Path, name)).FullName;
            return SandboxFixture.NodeAsync(Database, _shared ? Shared(directory) : null, name, Time, draws);
        }

        public async ValueTask DisposeAsync()
        {
            _buckets.ForEach(bucket => bucket.Dispose());
            await Bucket.DisposeAsync();
            await _database.DisposeAsync();
            _directory.Dispose();
        }

        private StoredFiles Shared(string directory)
        {
            var bucket = new TestBucket(TestBucket.Of(Bucket.Address), directory);
            _buckets.Add(bucket);
            return new StoredFiles([bucket.Store], new BlobRecords(Database, new ArtifactOptions { DataDirectory = directory }, Time), Time);
        }
    }
}
