using Zoetrope.Server;
using Zoetrope.Server.Hosting;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests;

/// <summary>Holds the layout of the sources: folder rules replace assembly walls.</summary>
public sealed class ArchitectureTests
{
    /// <summary>Per rule, a file that breaks it: a rule that finds nothing anywhere would prove nothing.</summary>
    public static TheoryData<string, string, string> Offenders { get; } = new()
    {
        { nameof(ArchitectureRules.Dependencies), "Ledger/A.cs", "using Zoetrope.Server.Generations; internal sealed class A;" },
        { nameof(ArchitectureRules.Dependencies), "Providers/A.cs", "internal sealed class A { Storage.Database? _d; }" },
        { nameof(ArchitectureRules.Dependencies), "Catalog/A.cs", "using Zoetrope.Server.Providers; internal sealed class A { IProviderAdapter? _a; }" },
        { nameof(ArchitectureRules.Dependencies), "Shared/A.cs", "internal sealed class A;" },
        { nameof(ArchitectureRules.Vendors), "Providers/Kling/A.cs", "using Zoetrope.Server.Providers.Fal; internal sealed class A;" },
        { nameof(ArchitectureRules.Vendors), "Providers/Kling/A.cs", "internal sealed class A { object? C() => ArkWire.Queued; }" },
        { nameof(ArchitectureRules.Vendors), "Providers/Fal/A.cs", "using Zoetrope.Server.Providers.Google; internal sealed class A;" },
        { nameof(ArchitectureRules.Vendors), "Providers/Google/A.cs", "using Zoetrope.Server.Providers.Vertex; internal sealed class A;" },
        { nameof(ArchitectureRules.Doors), "Doors/Mcp/A.cs", "using Zoetrope.Server.Doors.VicSee; internal sealed class A;" },
        { nameof(ArchitectureRules.Doors), "Doors/Admin/A.cs", "internal sealed class A { OpenAi.OpenAiModels? _m; }" },
        { nameof(ArchitectureRules.Doors), "Doors/Shared/A.cs", "internal sealed class A { object B() => Doors.Admin.AdminWire.Modes; }" },
        { nameof(ArchitectureRules.Doors), "Doors/A.cs", "using Zoetrope.Server.Doors.OAuth; internal sealed class A;" },
        { nameof(ArchitectureRules.Locators), "Doors/Mcp/A.cs", "internal sealed class A { object B(HttpContext c) => c.RequestServices; }" },
        { nameof(ArchitectureRules.Namespaces), "Doors/Mcp/A.cs", "namespace Zoetrope.Server.Doors; internal sealed class A;" },
        { nameof(ArchitectureRules.Namespaces), "A.cs", "namespace Zoetrope.Server.Doors; internal sealed class A;" },
        { nameof(ArchitectureRules.Constructors), "Ledger/A.cs", "internal sealed class A(int a, int b, int c, int d, int e, Func<int, int> f);" },
        { nameof(ArchitectureRules.Constructors), "Ledger/A.cs", "internal sealed class A\n{\n    public A(int a, (int, int) b, int c, int d, int e, int f) => B();\n}" },
        { nameof(ArchitectureRules.Constructors), "Ledger/A.cs", "internal sealed class AGrain(int a, int b, int c, int d, int e, int f, int g);" },
        { nameof(ArchitectureRules.Widths), "Doors/A.cs", "// " + string.Join("\n// ", Enumerable.Repeat(new string('x', 141), 1_000)) },
        { nameof(ArchitectureRules.Connections), "Artifacts/A.cs", "internal sealed class A { object C() => new HttpClient(); }" },
        { nameof(ArchitectureRules.Connections), "Artifacts/A.cs", "internal sealed class A { HttpClient _c = new(); }" },
        { nameof(ArchitectureRules.Connections), "Providers/A.cs", "internal sealed class A { object C() => System.Net.Dns.GetHostName(); }" },
        { nameof(ArchitectureRules.Connections), "Hosting/A.cs", "using System.Net.Sockets; internal sealed class A { object C() => new Socket(SocketType.Stream, ProtocolType.Tcp); }" },
        { nameof(ArchitectureRules.Processes), "Generations/A.cs", "internal sealed class A { object C() => System.Diagnostics.Process.Start(null!); }" },
        { nameof(ArchitectureRules.Processes), "Providers/Other/A.cs", "internal sealed class A { object C() => new ProcessStartInfo(); }" },
        { nameof(ArchitectureRules.Sizes), "Ledger/A.cs", new string('\n', 401) },
        { nameof(ArchitectureRules.Processes), "Doors/A.cs", "internal sealed class A { object C() => new WorkerProcess(\"x\"); }" },
        { nameof(ArchitectureRules.Names), "Ledger/A.cs", "internal sealed class AccountManager;" },
        { nameof(ArchitectureRules.Names), "Ledger/A.cs", "internal sealed record KeyInfo(string Id);" },
        { nameof(ArchitectureRules.Names), "Ledger/A.cs", "internal sealed class Ledger;" },
        { nameof(ArchitectureRules.OpenClasses), "Ledger/A.cs", "internal class A;" },
        { nameof(ArchitectureRules.OpenClasses), "Ledger/A.cs", "internal record A(int B);" },
        { nameof(ArchitectureRules.Floats), "Ledger/A.cs", "internal sealed class A { double _x; }" },
        { nameof(ArchitectureRules.Floats), "Ledger/A.cs", "internal sealed class A { object _x = 0.1; }" },
        { nameof(ArchitectureRules.Unfinished), "Ledger/A.cs", "// TODO later" },
    };

    [Theory]
    [MemberData(nameof(Offenders))]
    public void A_rule_finds_an_offender(string rule, string path, string text)
    {
        var sources = SourceTree.Server.Append(new SourceFile(path, text)).ToList();

        Assert.Contains(Run(rule, sources), violation => violation.StartsWith(path, StringComparison.Ordinal));
    }

    [Fact]
    public void Folders_see_only_what_is_below_them() => AssertKept(nameof(ArchitectureRules.Dependencies));

    [Fact]
    public void Vendors_do_not_see_each_other() => AssertKept(nameof(ArchitectureRules.Vendors));

    [Fact]
    public void Doors_never_see_each_other() => AssertKept(nameof(ArchitectureRules.Doors));

    [Fact]
    public void Endpoints_take_their_dependencies_as_parameters() => AssertKept(nameof(ArchitectureRules.Locators));

    [Fact]
    public void A_namespace_is_a_folder() => AssertKept(nameof(ArchitectureRules.Namespaces));

    [Fact]
    public void Constructors_take_five_at_most() => AssertKept(nameof(ArchitectureRules.Constructors));

    [Fact]
    public void Hardly_a_line_is_longer_than_a_screen() => AssertKept(nameof(ArchitectureRules.Widths));

    [Fact]
    public void Only_Egress_opens_connections() => AssertKept(nameof(ArchitectureRules.Connections));

    [Fact]
    public void Only_media_and_the_sandbox_start_processes() => AssertKept(nameof(ArchitectureRules.Processes));

    [Fact]
    public void No_file_is_too_long_to_read() => AssertKept(nameof(ArchitectureRules.Sizes));

    [Fact]
    public void The_doors_themselves_are_the_folders()
    {
        Assert.True(SourceTree.Server.Count(file => file.Path.StartsWith("Doors/", StringComparison.Ordinal) && file.Path.Count(c => c == '/') == 1) <= 4);
        Assert.DoesNotContain(SourceTree.Server, file => file.Folder == "Artifacts" && file.Code.Contains("HttpContext", StringComparison.Ordinal));
    }

    [Fact]
    public void No_folder_hides_a_second_noun() => Assert.DoesNotContain(
        SourceTree.Server.CountBy(file => Path.GetDirectoryName(file.Path)!), folder => folder.Value > 25);

    [Fact]
    public void Names_say_something() => AssertKept(nameof(ArchitectureRules.Names));

    [Fact]
    public void Classes_are_sealed_unless_derived_from() => AssertKept(nameof(ArchitectureRules.OpenClasses));

    [Fact]
    public void No_credit_is_ever_a_floating_point_number() => AssertKept(nameof(ArchitectureRules.Floats));

    [Fact]
    public void The_tool_sees_the_client_and_the_client_sees_the_wire()
    {
        static IEnumerable<string?> Ours(string assembly) => System.Reflection.Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, assembly)).GetReferencedAssemblies()
            .Select(name => name.Name).Where(name => name!.StartsWith("Zoetrope", StringComparison.Ordinal)).Order();

        Assert.Equal(["Zoetrope.Client", "Zoetrope.Contracts"], Ours("Zoetrope.Cli.dll"));
        Assert.Equal(["Zoetrope.Contracts"], Ours("Zoetrope.Client.dll"));

        // The API is asked through the client; these make what it, the MCP transport and a forwarded webhook are sent with.
        var tool = SourceTree.Read("src/Zoetrope.Cli");
        Assert.Equal(["Commands/WebhookForward.cs", "WireLog.cs"], tool.Where(file => file.Code.Contains("SocketsHttpHandler", StringComparison.Ordinal)).Select(file => file.Path));
        Assert.Empty(ArchitectureRules.Sizes(tool).Concat(ArchitectureRules.Names(tool)).Concat(ArchitectureRules.Unfinished(tool)).Concat(ArchitectureRules.OpenClasses(tool)));
    }

    [Fact]
    public void Pictures_are_drawn_and_decoded_by_programs_that_the_server_cannot_call()
    {
        string[] kept = ["SkiaSharp", "NetVips", "Zoetrope.Sandbox", "Zoetrope.Media"];
        Assert.Empty(typeof(ZoetropeHost).Assembly.GetReferencedAssemblies().Select(name => name.Name).Intersect(kept));
        foreach (var program in (string[])["src/Zoetrope.Workers", "src/Zoetrope.Media", "src/Zoetrope.Sandbox"])
        {
            var sources = SourceTree.Read(program);
            Assert.NotEmpty(sources);
            Assert.DoesNotContain(sources, file => file.Code.Contains("Zoetrope.Server", StringComparison.Ordinal) || file.Code.Contains("AspNetCore", StringComparison.Ordinal));
            Assert.Empty(ArchitectureRules.Sizes(sources).Concat(ArchitectureRules.Names(sources)).Concat(ArchitectureRules.Unfinished(sources)).Concat(ArchitectureRules.OpenClasses(sources)));
        }
    }

    [Fact]
    public void Nothing_is_left_unfinished() => AssertKept(nameof(ArchitectureRules.Unfinished));

    [Fact]
    public void Every_setting_has_an_explained_default_and_every_default_is_a_setting()
    {
        using var directory = new TemporaryDirectory();
        var host = new HostSettings("http://127.0.0.1:0", directory.Path);
        var settings = Settings.Load(host);
        using (ZoetropeHost.Compose(host, settings))
        {
            var properties = settings.Bound.SelectMany(bound => Settings.LeavesOf(bound.Value, bound.Key.Length == 0 ? "" : bound.Key + ":"))
                .Select(leaf => leaf.Path)
                // The built-in provider is not a vendor: it has no key and no address.
                .Where(path => path is not ("Providers:sandbox:ApiKey" or "Providers:sandbox:BaseUrl"))
                .ToHashSet(StringComparer.OrdinalIgnoreCase);

            Assert.NotEmpty(properties);
            Assert.Equal(properties.Order(StringComparer.OrdinalIgnoreCase), settings.Known.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
        }

        Assert.Empty(UnexplainedDefaults());
    }

    [Fact]
    public void Every_error_code_is_documented()
    {
        var docs = Path.Combine(SourceTree.Root, "docs");
        var text = Directory.Exists(docs)
            ? string.Concat(Directory.EnumerateFiles(docs, "*.md", SearchOption.AllDirectories).Select(File.ReadAllText))
            : "";
        var missing = Problems.All.Select(kind => kind.Code).Where(code => !text.Contains($"`{code}`", StringComparison.Ordinal)).ToList();
        Assert.Empty(missing);
    }

    private static void AssertKept(string rule) =>
        Assert.Empty(Run(rule, SourceTree.Server));

    private static IReadOnlyList<string> Run(string rule, IReadOnlyList<SourceFile> sources)
    {
        var method = typeof(ArchitectureRules).GetMethod(rule)!;
        return [.. (IEnumerable<string>)method.Invoke(null, [sources])!];
    }

    /// <summary>Settings of the defaults file without a comment line above them.</summary>
    private static IEnumerable<string> UnexplainedDefaults()
    {
        using var reader = new StreamReader(Settings.DefaultsFile());
        var lines = reader.ReadToEnd().Split('\n');
        for (var i = 1; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            var opensSection = line.EndsWith('{');
            if (line.StartsWith('"') && !opensSection && !lines[i - 1].TrimStart().StartsWith("//", StringComparison.Ordinal))
            {
                yield return line;
            }
        }
    }
}
