using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Server.Egress;

namespace Zoetrope.Tests.Artifacts.S3;

/// <summary>Our side of a bucket: what a server would make of these settings.</summary>
internal sealed class TestBucket : IDisposable
{
    private readonly EgressClient _egress = new(new EgressOptions { ConnectTimeout = TimeSpan.FromSeconds(2) }, EgressNetwork.System, TimeProvider.System, NullLogger<EgressClient>.Instance);

    public TestBucket(S3Options options, string dataDirectory, TimeProvider? time = null)
    {
        Bucket = new Bucket(options, _egress, TimeProvider.System, NullLogger<Bucket>.Instance);
        var artifacts = new ArtifactOptions { DataDirectory = dataDirectory, S3 = options };
        Store = new S3ArtifactStore(Bucket, artifacts, new FileCache(artifacts, time ?? TimeProvider.System));
    }

    public Bucket Bucket { get; }

    public S3ArtifactStore Store { get; }

    public static S3Options Of(Uri address, Action<S3Options>? change = null)
    {
        var options = new S3Options
        {
            Endpoint = address.ToString(),
            Bucket = Fixtures.FakeS3.Bucket,
            AccessKey = Fixtures.FakeS3.AccessKey,
            SecretKey = Fixtures.FakeS3.SecretKey,
            Region = Fixtures.FakeS3.Region,
            Prefix = "media",
        };
        change?.Invoke(options);
        options.Check();
        return options;
    }

    public void Dispose()
    {
        Bucket.Dispose();
        _egress.Dispose();
    }
}
