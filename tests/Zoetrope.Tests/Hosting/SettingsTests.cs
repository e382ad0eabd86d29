using System.Globalization;
using System.Text.RegularExpressions;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Hosting;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting;

public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_file_wins_over_the_defaults_and_an_override_over_both()
    {
        File.WriteAllText(Path.Combine(_directory.Path, "zoetrope.json"), """{ "Server": { "MaxBodyBytes": 2000, "MaxConnections": 7 } } // mine""");

        var server = Load(("Server:MaxConnections", "9")).Bind<ServerOptions>("Server");

        Assert.Equal((2000, 9, 1024), (server.MaxBodyBytes, server.MaxConnections, server.MinBytesPerSecond));
    }

    [Theory]
    [InlineData("Server:MaxBodyBytes", "lots", "Zoetrope__Server__MaxBodyBytes: 'lots' is not a number.")]
    [InlineData("Server:ShutdownTimeout", "30s", "Zoetrope__Server__ShutdownTimeout: '30s' is not a duration of the form hours:minutes:seconds.")]
    public void A_value_of_the_wrong_kind_names_its_setting(string name, string value, string message)
    {
        var refused = Assert.Throws<StartException>(() => Load((name, value)).Bind<ServerOptions>("Server"));

        Assert.Equal(("INVALID_SETTING", message, 2), (refused.Code, refused.Message, refused.ExitCode));
    }

    [Fact]
    public void A_value_out_of_range_names_its_setting()
    {
        var refused = Assert.Throws<StartException>(() => Load(("Logging:Format", "xml")).Bind<LoggingOptions>("Logging"));

        Assert.Equal("Zoetrope__Logging__Format: It must be text or json. Its value is 'xml'.", refused.Message);
    }

    [Fact]
    public void Service_managers_wait_longer_than_a_stop_may_take()
    {
        var server = Load().Bind<ServerOptions>("Server");
        var stop = (server.LeaveDelay + server.DrainTimeout + server.ShutdownTimeout).TotalSeconds;
        foreach (var (file, pattern) in new[] { ("deploy/zoetrope.service", @"^TimeoutStopSec=(\d+)$"), ("deploy/zoetrope@.service", @"^TimeoutStopSec=(\d+)$"), ("deploy/cluster/compose.yaml", @"stop_grace_period: (\d+)s"), ("deploy/kubernetes/nodes.yaml", @"terminationGracePeriodSeconds: (\d+)"), ("compose.yaml", @"stop_grace_period: (\d+)s"), ("Dockerfile", @"--stop-timeout (\d+)"), ("docs/04-operations.md", @"`docker run --stop-timeout` are (\d+) s") })
        {
            var granted = Regex.Match(File.ReadAllText(Path.Combine(SourceTree.Root, file)), pattern, RegexOptions.Multiline).Groups[1].Value;
            Assert.True(int.Parse(granted, CultureInfo.InvariantCulture) > stop, $"{file} grants {granted} s, a stop may take {stop} s.");
        }
    }

    /// <summary>A file that sets what is no setting sets nothing.</summary>
    [Theory]
    [InlineData("compose.yaml")]
    [InlineData("deploy/cluster/compose.yaml")]
    [InlineData("deploy/kubernetes/kustomization.yaml")]
    [InlineData("deploy/kubernetes/nodes.yaml")]
    [InlineData("deploy/kubernetes/example-secrets.env")]
    public void Every_variable_of_a_deployment_is_a_setting(string file)
    {
        var names = Regex.Matches(File.ReadAllText(Path.Combine(SourceTree.Root, file)), @"\bZoetrope__(\w+)").Select(match => match.Groups[1].Value.Replace("__", ":", StringComparison.Ordinal)).Distinct().ToList();

        Assert.NotEmpty(names);
        Assert.Empty(Load([.. names.Select(name => (name, "1"))]).UnknownNames());
    }

    [Fact]
    public void The_ingress_lets_through_what_customers_call_and_nothing_of_the_operators()
    {
        var ingress = File.ReadAllText(Path.Combine(SourceTree.Root, "deploy/kubernetes/network.yaml"));
        var rules = Regex.Matches(ingress, @"path: (\S+), pathType: (\w+)").Select(match => (Path: match.Groups[1].Value, IsExact: match.Groups[2].Value == "Exact")).ToList();
        bool Passes(string path) => rules.Exists(rule => rule.IsExact ? path == rule.Path : path == rule.Path.TrimEnd('/') || path.StartsWith(rule.Path.TrimEnd('/') + "/", StringComparison.Ordinal));
        using var document = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(SourceTree.Root, "docs/openapi.json")));
        var paths = document.RootElement.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        string[] inside = ["/admin", "/health", "/metrics"];

        Assert.True(rules.Count > 10 && paths.Count > 50, $"{rules.Count} rules, {paths.Count} paths");
        Assert.All(paths, path => Assert.True(Passes(path) != inside.Any(start => path.StartsWith(start, StringComparison.Ordinal)), path));
    }

    [Fact]
    public void A_misspelt_name_is_told_with_the_nearest_one()
    {
        var warnings = Load(("Server:MaxBodyByte", "1")).UnknownNames().ToList();

        Assert.Contains("Zoetrope__Server__MaxBodyByte is not a setting and is ignored. Did you mean Zoetrope__Server__MaxBodyBytes?", warnings);
    }

    [Fact]
    public void A_broken_file_is_one_line_that_names_it()
    {
        File.WriteAllText(Path.Combine(_directory.Path, "zoetrope.json"), "{ \"Server\": ");

        var refused = Assert.Throws<StartException>(() => Load());

        Assert.StartsWith(Path.Combine(_directory.Path, "zoetrope.json"), refused.Message);
    }

    [Fact]
    public void A_vendors_own_variable_sets_its_key_and_anything_written_for_this_server_wins()
    {
        var vendors = new[] { new ProviderProfile { Name = "fal", Title = "fal", KeyVariables = ["FAL_KEY", "FAL_API_KEY"] } };
        Settings Of(string? file, Dictionary<string, string> variables, params (string Name, string Value)[] overrides)
        {
            File.WriteAllText(Path.Combine(_directory.Path, "zoetrope.json"), file ?? "{}");
            return Settings.Load(new HostSettings("http://127.0.0.1:0", _directory.Path, overrides.ToDictionary(item => item.Name, item => (string?)item.Value)) { Variables = variables }, vendors);
        }

        (string Key, string? Source) Read(Settings settings) => (settings.Bind<ProvidersOptions>("Providers").Of("fal").ApiKey, settings.SourceOf("Providers:fal:ApiKey"));
        const string file = """{ "Providers": { "fal": { "ApiKey": "of-the-file" } } }""";
        Dictionary<string, string> both = new() { ["FAL_KEY"] = "first", ["FAL_API_KEY"] = "second" };

        Assert.Equal(("first", "FAL_KEY"), Read(Of(null, both)));
        Assert.Equal(("second", "FAL_API_KEY"), Read(Of(null, new() { ["FAL_KEY"] = "", ["FAL_API_KEY"] = "second" })));
        Assert.Equal(("of-the-file", Path.Combine(_directory.Path, "zoetrope.json")), Read(Of(file, both)));
        Assert.Equal(("given", "Zoetrope__Providers__fal__ApiKey"), Read(Of(file, both, ("Providers:fal:ApiKey", "given"))));
        Assert.Equal(("", null), Read(Of(null, both, ("Providers:fal:ApiKey", ""))));
        Assert.Equal(("", null), Read(Of(null, [])));
    }

    [Theory]
    [InlineData("https://media.example.com", true)]
    [InlineData("http://media.example.com", false)]
    [InlineData("https://localhost:8443", false)]
    [InlineData("https://nas.local", false)]
    [InlineData("https://nas", false)]
    [InlineData("https://192.168.1.4", false)]
    [InlineData("", false)]
    public void Vendors_reach_a_public_https_name_and_nothing_else(string url, bool reached) =>
        Assert.Equal(reached, PublicHosts.AddressOf(url).Url is not null);

    [Fact]
    public void A_data_directory_serves_one_server_at_a_time()
    {
        using (DataDirectory.Open(_directory.Path))
        {
            var refused = Assert.Throws<StartException>(() => DataDirectory.Open(_directory.Path));
            Assert.Equal("DATA_DIRECTORY_IN_USE", refused.Code);
        }

        DataDirectory.Open(_directory.Path).Dispose();
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("https://127.0.0.1:8443")]
    [InlineData("http://192.0.2.1:8080")]
    public void An_address_that_cannot_be_listened_on_is_told_before_anything_starts(string urls) =>
        Assert.StartsWith("ZOETROPE_URLS: ", Assert.Throws<StartException>(() => ListenAddresses.Check(urls)).Message);

    private Settings Load(params (string Name, string Value)[] overrides) =>
        Settings.Load(new HostSettings("http://127.0.0.1:0", _directory.Path, overrides.ToDictionary(item => item.Name, item => (string?)item.Value)));
}
