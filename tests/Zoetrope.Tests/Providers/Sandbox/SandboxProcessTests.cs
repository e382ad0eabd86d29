using System.Diagnostics;
using System.Text;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.Sandbox;

public sealed class SandboxProcessTests
{
    [Fact]
    internal async Task A_killed_server_leaves_neither_worker_nor_encoder()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var server = await ServerProcess.StartAsync();
        var customer = await server.Api.CreateCustomerAsync();
        (await server.Api.GenerateAsync(customer, new { model = "seedance-2-0-text-to-video", input = new { prompt = "a boat at sea", duration = 10 } })).Expect(200);
        await Until.HoldsAsync(
            () => Family(server.DataDirectory).Any(static process => process.Command.Contains("libx264", StringComparison.Ordinal)), () => Family(server.DataDirectory));
        var family = Family(server.DataDirectory);
        using (var main = Process.GetProcessById(family.Single(static process => !process.Command.Contains("sandbox-worker", StringComparison.Ordinal) && !process.Command.Contains("libx264", StringComparison.Ordinal)).Id))
        {
            main.Kill();
        }

        await Until.HoldsAsync(() => Family(server.DataDirectory).Count == 0, () => Family(server.DataDirectory));
    }

    [Fact]
    internal async Task A_worker_limits_its_own_memory()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var sandbox = new SandboxFixture();
        await sandbox.MakeAsync(SandboxFixture.Image("warm up"));
        var limits = await File.ReadAllLinesAsync($"/proc/{Assert.Single(sandbox.Queue.WorkerProcessIds)}/limits");
        Assert.Contains($"{4L << 30}", limits.Single(static line => line.StartsWith("Max data size", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    // The data directory is in the environment of the server and of everything it starts.
    private static List<(int Id, string Command)> Family(string directory)
    {
        var family = new List<(int, string)>();
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), out var id) && Read(process, "environ").Contains("ZOETROPE_DATA=" + directory, StringComparison.Ordinal))
            {
                family.Add((id, Read(process, "cmdline")));
            }
        }

        return family;
    }

    private static string Read(string process, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(process, file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
