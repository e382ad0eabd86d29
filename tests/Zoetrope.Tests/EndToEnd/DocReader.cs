using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Cli;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>
/// Somebody who follows the pages: a shell in a checkout with a running server, with the key, the account and the pictures that the
/// text assumes, and the placeholders filled in.
/// </summary>
internal sealed class DocReader : IDisposable
{
    private const string Bin = "bin";

    private readonly TestZoetrope _zoetrope;
    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, string> _placeholders;
    private readonly Dictionary<string, string> _environment;

    private DocReader(TestZoetrope zoetrope, Customer customer, string spareKey, string task)
    {
        _zoetrope = zoetrope;
        var address = zoetrope.Api.Address.AbsoluteUri.TrimEnd('/');
        _placeholders = new Dictionary<string, string>
        {
            ["http://127.0.0.1:8080"] = address, ["sk-test-…"] = customer.Key, ["acct_…"] = customer.AccountId, ["key_…"] = spareKey, ["task_…"] = task,
        };
        _environment = new Dictionary<string, string>
        {
            ["HOME"] = Directory, ["PATH"] = $"{Path.Combine(Directory, Bin)}:{Environment.GetEnvironmentVariable("PATH")}",
            ["ZOETROPE_URLS"] = address, ["ZOETROPE_DATA"] = zoetrope.DataDirectory, ["ZOETROPE"] = address, ["KEY"] = customer.Key,
            ["ZOETROPE_BASE_URL"] = address, ["ZOETROPE_API_KEY"] = customer.Key, ["ZOETROPE_ADMIN_KEY"] = TestZoetrope.OperatorKey, ["NO_COLOR"] = "1",
        };
    }

    public string Directory => _directory.Path;

    public static async Task<DocReader> StartAsync(TestZoetrope zoetrope)
    {
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync();
        var keys = (await api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{customer.AccountId}/keys")).Expect(200).Data;
        await api.CreateKeyAsync(customer.AccountId);
        var spare = (await api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{customer.AccountId}/keys")).Expect(200).Data.GetProperty("keys").EnumerateArray()
            .Select(key => key.GetProperty("id").GetString()!).Except(keys.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("id").GetString()!)).Single();
        var task = (await api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", prompt = "A red fox" })).Expect(200).Data.GetProperty("id").GetString()!;
        await api.WaitAsync(customer, task);
        var reader = new DocReader(zoetrope, customer, spare, task);
        await reader.MoveInAsync(customer.Key);
        return reader;
    }

    /// <summary>The text as this reader would type it.</summary>
    public string Fill(string text) => _placeholders.Aggregate(text, (filled, pair) => filled.Replace(pair.Key, pair.Value, StringComparison.Ordinal));

    public async Task<(int ExitCode, string Output, string StandardOutput)> RunAsync(string program, params string[] arguments)
    {
        var all = new[] { "-C", Directory }.Concat(_environment.Select(pair => $"{pair.Key}={pair.Value}")).Append(program).Concat(arguments);
        await using var process = ChildProcess.TryStart("env", all) ?? throw new InvalidOperationException("There is no env on this machine.");
        return (await process.ExitCodeAsync(Until.Patience), process.Output, process.StandardOutput);
    }

    public void Dispose() => _directory.Dispose();

    private async Task MoveInAsync(string key)
    {
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, Bin));
        await File.WriteAllTextAsync(Path.Combine(_zoetrope.DataDirectory, "first-key.txt"), key + "\n");
        File.CreateSymbolicLink(Path.Combine(Directory, "data"), _zoetrope.DataDirectory);

        // The server of the first command is the test's; the others are the real ones.
        var server = Path.Combine(AppContext.BaseDirectory, "Zoetrope.Server.dll");
        await ProgramAsync("run", $"[ $# -gt 0 ] || exit 0\nexec dotnet '{server}' \"$@\"");

        // A refusal fails the block, and what goes on for ever is interrupted, as a reader would.
        const string Itself = "PATH=${PATH#*:}";
        await ProgramAsync($"{Bin}/curl", $"{Itself}\ncase \" $* \" in *' -N '*) timeout -s INT 2 curl --fail-with-body \"$@\"; s=$?; [ $s = 124 ] && exit 0; exit $s;; esac\nexec curl --fail-with-body \"$@\"");
        await ProgramAsync($"{Bin}/zoetrope", $"case \" $* \" in *' listen '*) timeout -s INT 4 dotnet '{CliShell.Tool}' \"$@\"; exit 0;; esac\nexec dotnet '{CliShell.Tool}' \"$@\"");
        foreach (var picture in new[] { "photo.jpg", "first.png", "last.png", "fox.png" })
        {
            File.Copy(TestMedia.Image(1280, 720), Path.Combine(Directory, picture));
        }
    }

    private async Task ProgramAsync(string name, string script)
    {
        var path = Path.Combine(Directory, name);
        await File.WriteAllTextAsync(path, $"#!/bin/bash\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
