using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;

namespace Zoetrope.Tests.Artifacts.Media;

/// <summary>Says what a file is, as the server would. One pool of workers for the run, which ends with it.</summary>
internal static class TestProber
{
    private static readonly Lazy<MediaProber> Prober = new(() =>
    {
        var options = new ArtifactOptions { DataDirectory = Path.GetDirectoryName(TestMedia.NewPath(""))! };
        return new MediaProber(new MediaProcess(options),
            new PictureWorkers(options, NullLogger<PictureWorkers>.Instance), NullLogger<MediaProber>.Instance);
    });

    public static MediaProber Shared => Prober.Value;

    public static async Task<MediaHeader?> ReadAsync(string path) => (await Prober.Value.ProbeAsync(path, "acct_test", CancellationToken.None)).Value;
}
