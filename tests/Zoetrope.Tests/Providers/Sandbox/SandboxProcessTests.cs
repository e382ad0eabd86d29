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
        using var main = Process.GetProcessById(Running().Single(id => Read(id, "environ").Contains("ZOETROPE_DATA=" + server.DataDirectory, StringComparison.Ordinal)));
        await Until.HoldsAsync(() => Started(main.Id).Any(static id => Read(id, "cmdline").Contains("libx264", StringComparison.Ordinal)));
        var started = Started(main.Id);
        Assert.All(started, static id => Assert.DoesNotContain("ZOETROPE", Read(id, "environ"), StringComparison.Ordinal));
        Assert.All(started, static id => Assert.Contains("Seccomp:\t2", Read(id, "status"), StringComparison.Ordinal));
        main.Kill();

        await Until.HoldsAsync(() => !started.Intersect(Running()).Any());
    }

    [Fact]
    internal async Task A_worker_limits_its_own_memory()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var sandbox = await SandboxFixture.OpenAsync();
        await sandbox.MakeAsync(SandboxFixture.Image("warm up"));
        var limits = await File.ReadAllLinesAsync($"/proc/{Assert.Single(sandbox.Renderers.WorkerProcessIds)}/limits");
        Assert.Contains($"{4L << 30}", limits.Single(static line => line.StartsWith("Max data size", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private static IEnumerable<int> Running() =>
        Directory.EnumerateDirectories("/proc").Select(static path => int.TryParse(Path.GetFileName(path), out var id) ? id : 0).Where(static id => id > 0);

    // The children of a process and theirs; one between its fork and its program is not yet what it will be.
    private static List<int> Started(int parent) =>
        [.. Running().Where(id => Read(id, "status").Contains($"PPid:\t{parent}\n", StringComparison.Ordinal)).SelectMany(static id => Started(id).Prepend(id))];

    private static string Read(int process, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{process}/{file}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
