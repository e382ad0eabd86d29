using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.S3;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations;

/// <summary>A result that came inside an answer is found by another node, whose disk never had it.</summary>
public sealed class AttemptResultsTests
{
    [Theory]
    [InlineData(SqlDialect.Sqlite), InlineData(SqlDialect.Postgres)]
    internal async Task Another_node_finds_what_one_received_until_it_is_no_longer_waited_for(SqlDialect dialect)
    {
        var clock = new MovedClock();
        await using var fake = await FakeS3.StartAsync();
        await using var database = await TestDatabase.CreateAsync(dialect);
        using var one = new Node(fake, database.Database, clock);
        using var two = new Node(fake, database.Database, clock);
        one.Shelf.Keep("att_1", [one.NewFile("first"), one.NewFile("second")]);
        await one.Results.KeepAsync("att_1");
        await one.Results.KeepAsync("att_none");

        Assert.Null(two.Shelf.Find("att_1"));
        await two.Results.BringAsync("att_1");
        await two.Results.BringAsync("att_none");
        Assert.Equal(["first", "second"], two.Shelf.Find("att_1")!.Select(output => File.ReadAllText(output.Path!)));
        Assert.Null(two.Shelf.Find("att_none"));

        // Its rows hold the objects until then, whatever their age.
        clock.Advance(TimeSpan.FromDays(1.5));
        Assert.Equal(0, await two.Results.DeleteSomeAsync());
        Assert.Equal((2, 0), await two.Files.DeleteUnusedAsync(default));
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(2, await two.Results.DeleteSomeAsync());
        Assert.Equal((2, 2), await one.Files.DeleteUnusedAsync(default));
        Assert.Empty(fake.Objects);
    }

    [Fact]
    public async Task A_bucket_that_is_away_costs_no_paid_answer()
    {
        await using var fake = await FakeS3.StartAsync();
        await using var database = await TestDatabase.CreateAsync(SqlDialect.Sqlite);
        using var one = new Node(fake, database.Database, TimeProvider.System);
        using var two = new Node(fake, database.Database, TimeProvider.System);
        one.Shelf.Keep("att_1", [one.NewFile("first")]);
        fake.Fail = static _ => S3Fault.Away;
        await one.Results.KeepAsync("att_1");
        Assert.NotNull(one.Shelf.Find("att_1"));
        fake.Fail = static _ => S3Fault.None;
        await one.Results.KeepAsync("att_1");
        fake.Fail = static _ => S3Fault.Away;
        await Assert.ThrowsAnyAsync<IOException>(() => two.Results.BringAsync("att_1"));
    }

    private sealed class Node : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly TestBucket _bucket;

        public Node(FakeS3 fake, Database database, TimeProvider time)
        {
            _bucket = new TestBucket(TestBucket.Of(fake.Address), _directory.Path);
            Shelf = new ResultShelf(_directory.Path, time);
            Files = new StoredFiles([_bucket.Store], new BlobRecords(database, new ArtifactOptions { DataDirectory = _directory.Path }, time), time);
            Results = new AttemptResults(Shelf, Files, database, time, NullLogger<AttemptResults>.Instance);
        }

        public ResultShelf Shelf { get; }

        public StoredFiles Files { get; }

        public AttemptResults Results { get; }

        public string NewFile(string text)
        {
            var path = Shelf.NewPath();
            File.WriteAllText(path, text);
            return path;
        }

        public void Dispose()
        {
            _bucket.Dispose();
            _directory.Dispose();
        }
    }
}
