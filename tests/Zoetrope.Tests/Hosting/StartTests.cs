using Zoetrope.Server.Hosting;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting;

/// <summary>What the start says and does before the first request, by the server as a process of its own.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080/zoetrope")]
    [InlineData("http://127.0.0.1:8080/a/b/")]
    [InlineData("http://localhost:8080;http://127.0.0.1:8081/x")]
    public void An_address_to_listen_on_has_no_path(string urls)
    {
        var refused = Assert.Throws<StartException>(() => ListenAddresses.Check(urls));

        Assert.StartsWith("ZOETROPE_URLS: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("has no path", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://media.example", true)]
    [InlineData("https://media.example/", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("https://media.example/zoetrope", false)]
    [InlineData("https://media.example/?a=1", false)]
    [InlineData("https://media.example/#a", false)]
    [InlineData("https://user@media.example", false)]
    [InlineData("media.example", false)]
    [InlineData("ftp://media.example", false)]
    public void The_public_address_has_no_path(string url, bool isAllowed)
    {
        using var directory = new TemporaryDirectory();
        var settings = Settings.Load(new HostSettings("http://127.0.0.1:0", directory.Path, new Dictionary<string, string?> { ["PublicUrl"] = url }));

        var refused = Record.Exception(() => settings.Bind<RootOptions>(""));

        Assert.Equal(isAllowed, refused is null);
        Assert.True(isAllowed || refused is StartException { Message: var message } && message.StartsWith("Zoetrope__PublicUrl: ", StringComparison.Ordinal), refused?.ToString());
    }

    [Theory]
    [InlineData("Zoetrope__PublicUrl", "https://media.example/zoetrope", "Zoetrope__PublicUrl")]
    [InlineData("Zoetrope__Server__TrustedProxies", "the proxy", "Zoetrope__Server__TrustedProxies")]
    [InlineData("ZOETROPE_URLS", "http://127.0.0.1:45671/path", "ZOETROPE_URLS")]
    public async Task A_mistake_ends_the_start_with_one_line(string name, string value, string named)
    {
        using var directory = new TemporaryDirectory();
        await using var server = ChildProcess.StartAssembly("Zoetrope.Server.dll", [], new Dictionary<string, string?> { ["ZOETROPE_URLS"] = "http://127.0.0.1:0", ["ZOETROPE_DATA"] = directory.Path, [name] = value });

        Assert.Equal(2, await server.ExitCodeAsync(Until.Patience));
        var lines = server.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 1 && lines[0].Contains(named, StringComparison.Ordinal), server.Output);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "", true)]
    [InlineData("http://[::]:0", "", true)]
    [InlineData("http://0.0.0.0:0", "https://media.example", false)]
    [InlineData("http://127.0.0.1:0", "", false)]
    public async Task Listening_beyond_this_machine_without_a_public_address_warns(string urls, string publicUrl, bool warns)
    {
        using var directory = new TemporaryDirectory();
        await using var server = ChildProcess.StartAssembly("Zoetrope.Server.dll", [], new Dictionary<string, string?> { ["ZOETROPE_URLS"] = urls, ["ZOETROPE_DATA"] = directory.Path, ["Zoetrope__PublicUrl"] = publicUrl });
        await server.LineAsync(line => line == "ready", Until.Patience);
        await server.KillAsync();

        Assert.Equal(warns, server.StandardError.Split('\n').Any(line => line.Contains("warn", StringComparison.OrdinalIgnoreCase) && line.Contains("PublicUrl", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_directory_that_was_open_to_others_gets_files_that_are_not()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        using var directory = new TemporaryDirectory();
        var data = Path.Combine(directory.Path, "data");
        Directory.CreateDirectory(data);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(data, (UnixFileMode)Convert.ToInt32("755", 8));
        }

        await using (var server = ChildProcess.StartAssembly("Zoetrope.Server.dll", [], new Dictionary<string, string?> { ["ZOETROPE_URLS"] = "http://127.0.0.1:0", ["ZOETROPE_DATA"] = data }))
        {
            await server.LineAsync(line => line == "ready", Until.Patience);
        }

        var entries = Directory.GetFileSystemEntries(data, "*", SearchOption.AllDirectories);
        Assert.Contains(entries, entry => entry.EndsWith("zoetrope.db", StringComparison.Ordinal));
        foreach (var entry in entries)
        {
            var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(entry);
            Assert.True(((int)mode & Convert.ToInt32("077", 8)) == 0, $"{entry} has the mode {Convert.ToString((int)mode, 8)}");
        }
    }
}
