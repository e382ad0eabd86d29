using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>The server as people start it: becomes ready, survives a kill, keeps its port and its data.</summary>
public sealed class ServerProcessTests
{
    private static readonly TimeSpan Patience = Until.Patience;

    [Fact]
    public async Task A_killed_server_starts_again_on_its_data()
    {
        await using var server = await ServerProcess.StartAsync();
        Assert.True(File.Exists(Path.Combine(server.DataDirectory, "zoetrope.db")));

        await server.KillAsync();
        Assert.Equal(ChildProcess.Killed, await server.ExitCodeAsync(Patience));
        await server.StartAgainAsync();

        (await server.Api.SendAsync(HttpMethod.Get, "/health/ready", key: null)).Expect(200);
    }

    [Fact]
    public async Task A_server_killed_inside_its_first_migration_starts_cleanly()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.KillAsync();
        foreach (var file in Directory.EnumerateFiles(server.DataDirectory, "zoetrope.db*").ToList())
        {
            File.Delete(file);
        }

        await server.StartUnreadyAsync(crashAt: "K14");
        Assert.Equal(ChildProcess.Killed, await server.ExitCodeAsync(Patience));

        await server.StartAgainAsync();

        (await server.Api.SendAsync(HttpMethod.Get, "/health/ready", key: null)).Expect(200);
    }
}
