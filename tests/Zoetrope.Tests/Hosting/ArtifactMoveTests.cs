using System.Text.Json;
using Zoetrope.Server.Artifacts;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting;

/// <summary><c>artifacts move</c> as an operator runs it: beside the server, there and back, through what goes wrong on the way.</summary>
public sealed class ArtifactMoveTests
{
    [Fact]
    public async Task Files_go_to_the_bucket_and_back_while_the_server_reads_them()
    {
        await using var fake = await FakeS3.StartAsync();
        await using var server = await ServerProcess.StartAsync();
        var customer = await server.Api.CreateCustomerAsync();
        var urls = new List<string>();
        foreach (var file in new[] { TestMedia.Png, TestMedia.Jpeg, TestMedia.WebP })
        {
            urls.Add(new Uri(await server.Api.UploadAsync(customer, file, "image/" + Path.GetExtension(file).TrimStart('.').Replace("jpg", "jpeg", StringComparison.Ordinal))).AbsolutePath);
        }

        string[] OnDisk() => [.. Directory.GetFiles(Path.Combine(server.DataDirectory, "artifacts"), "*", SearchOption.AllDirectories)];
        Task ReadAllAsync() => Task.WhenAll(urls.Select(url => server.Api.DownloadAsync(url)));
        Assert.Equal(3, OnDisk().Length);

        // The server does not know the bucket: files that went there would be lost to it.
        Assert.StartsWith("error: INVALID_SETTING: Zoetrope__Artifacts__S3__Bucket: ", (await RunAsync(server, fake: null, null, "s3")).Errors, StringComparison.Ordinal);
        Assert.StartsWith("error: INVALID_SETTING: Zoetrope__Artifacts__Place: New files go to disk.", (await RunAsync(server, fake, "disk", "s3")).Errors, StringComparison.Ordinal);

        await RestartAsync(server, fake, place: null);
        await ReadAllAsync();

        // Broken off after the first file, and one is not what its name says.
        var puts = 0;
        fake.Fail = request => request.Method == "PUT" && Interlocked.Increment(ref puts) > 1 ? S3Fault.ServerError : S3Fault.None;
        Assert.Contains("error: STORE_UNREACHABLE: ", (await RunAsync(server, fake, null, "s3")).Errors, StringComparison.Ordinal);
        fake.Fail = static _ => S3Fault.None;
        await ReadAllAsync();
        var broken = OnDisk()[0];
        var sound = await File.ReadAllBytesAsync(broken, TestContext.Current.CancellationToken);
        var wasCopied = fake.Objects.Keys.Any(name => name.EndsWith(Path.GetFileName(broken), StringComparison.Ordinal));
        await File.WriteAllBytesAsync(broken, [.. sound.Reverse()], TestContext.Current.CancellationToken);
        if (!wasCopied)
        {
            var damaged = await RunAsync(server, fake, null, "s3");
            Assert.Contains("error: FILES_DAMAGED: ", damaged.Errors, StringComparison.Ordinal);
            Assert.Contains(Path.GetFileName(broken), damaged.Errors, StringComparison.Ordinal);
            Assert.Equal([broken], OnDisk());
        }

        await File.WriteAllBytesAsync(broken, sound, TestContext.Current.CancellationToken);
        var moved = await RunAsync(server, fake, null, "s3");
        Assert.True(moved.Exit == 0, moved.Errors);
        Assert.Empty(OnDisk());
        Assert.Equal(3, fake.Objects.Count);
        await ReadAllAsync();
        Assert.Equal(0, JsonDocument.Parse((await RunAsync(server, fake, null, "s3")).Output).RootElement.GetProperty("moved").GetInt64());

        // And back.
        await RestartAsync(server, fake, PlaceWords.Disk);
        await ReadAllAsync();
        var returned = JsonDocument.Parse((await RunAsync(server, fake, PlaceWords.Disk, "disk")).Output).RootElement;
        Assert.Equal((3, 0), (returned.GetProperty("moved").GetInt64(), returned.GetProperty("damaged").GetArrayLength()));
        Assert.Equal(3, OnDisk().Length);
        Assert.Empty(fake.Objects);
        await ReadAllAsync();
    }

    private static async Task RestartAsync(ServerProcess server, FakeS3 fake, string? place)
    {
        await server.TerminateAsync();
        await server.ExitCodeAsync(Until.Patience);
        server.Set(Environment(fake, place));
        await server.StartAgainAsync();
    }

    private static Dictionary<string, string?> Environment(FakeS3? fake, string? place)
    {
        var variables = (fake?.Settings() ?? []).ToDictionary(pair => "Zoetrope__" + pair.Key.Replace(":", "__", StringComparison.Ordinal), pair => pair.Value);
        variables["Zoetrope__Artifacts__Place"] = place;
        return variables;
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(ServerProcess server, FakeS3? fake, string? place, string to)
    {
        var environment = new Dictionary<string, string?>(Environment(fake, place)) { ["ZOETROPE_DATA"] = server.DataDirectory };
        await using var command = ChildProcess.StartAssembly("Zoetrope.Server.dll", ["artifacts", "move", "--to", to, "--stay", "00:00:00", "--json"], environment);
        return (await command.ExitCodeAsync(Until.Patience), command.StandardOutput, command.StandardError);
    }
}
