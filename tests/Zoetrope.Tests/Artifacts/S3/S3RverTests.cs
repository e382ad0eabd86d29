using System.Text.RegularExpressions;
using Zoetrope.Server.Artifacts;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Artifacts.S3;

/// <summary>The same suite against a server that we did not write. It knows no conditions and checks no signature; our fake does.</summary>
public sealed class S3RverTests : ArtifactStoreConformance
{
    private ChildProcess? _server;
    private TestBucket? _bucket;

    private protected override async Task<IArtifactStore> CreateAsync(string directory)
    {
        var server = Path.Combine(await NodePackages.DirectoryAsync(), "node_modules", "s3rver", "bin", "s3rver.js");
        _server = await NodePackages.StartAsync(
            [server, "--address", "127.0.0.1", "--port", "0", "--directory", Path.Combine(directory, "s3rver"), "--no-vhost-buckets", "--configure-bucket", FakeS3.Bucket]);
        var line = await _server.LineAsync(line => line.Contains("listening on", StringComparison.OrdinalIgnoreCase), Until.Patience);
        var address = new Uri($"http://127.0.0.1:{Regex.Match(line, @":(\d+)").Groups[1].Value}");

        // Its users are built in.
        _bucket = new TestBucket(TestBucket.Of(address, options => (options.AccessKey, options.SecretKey, options.Region) = ("S3RVER", "S3RVER", "us-east-1")), directory);
        return _bucket.Store;
    }

    private protected override async Task CloseAsync()
    {
        _bucket?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
