using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Client;

/// <summary>
/// The packages as somebody else gets them: packed, installed from a folder into a fresh program, and published trimmed and
/// ahead of time without a warning. What was published then works against the real server.
/// </summary>
[Trait("Category", "Nightly")]
public sealed class PackageTests(PackageTests.Packed packed) : IClassFixture<PackageTests.Packed>
{
    private const string Program =
        """
        #pragma warning disable MEAI001
        using System.Runtime.InteropServices;
        using Microsoft.Extensions.AI;
        using Microsoft.Extensions.DependencyInjection;
        using Zoetrope.Client;
        using Zoetrope.Contracts.VicSee;

        var services = new ServiceCollection();
        services.AddZoetropeClient(settings => (settings.Address, settings.ApiKey) = (new Uri(args[0]), args[1]));
        services.AddZoetropeImageGenerator("nano-banana-pro");
        await using var provider = services.BuildServiceProvider();
        var zoetrope = provider.GetRequiredService<ZoetropeClient>();

        var request = new GenerateRequest { Model = "nano-banana-text-to-image", Prompt = "A red fox" };
        var price = await zoetrope.EstimateAsync(request);
        var created = await zoetrope.GenerateAsync(request);
        var events = 0;
        await foreach (var happened in zoetrope.FollowAsync(created.Id))
        {
            events += happened.IsLast ? 1 : 0;
        }

        var task = await zoetrope.WaitAsync(created.Id);
        var path = Path.Combine(AppContext.BaseDirectory, "fox.png");
        await zoetrope.DownloadAsync(task.Result!, path);
        await using var picture = File.OpenRead(path);
        var url = await zoetrope.UploadAsync(picture, "image/png");
        var generator = provider.GetRequiredService<IImageGenerator>();
        var image = (await generator.EditImagesAsync([new UriContent(url, "image/png")], "At night", new ImageGenerationOptions { ImageSize = new(1024, 1024) })).Contents[0];
        var batch = await zoetrope.WaitForBatchAsync((await zoetrope.CreateBatchAsync([request, request])).Id);
        try
        {
            await zoetrope.GenerateAsync(request with { Model = "dall-e-9" });
        }
        catch (ZoetropeRefusedException refused)
        {
            try
            {
                new WebhookVerifier("whsec_c2VjcmV0c2VjcmV0c2VjcmV0").Verify("{}"u8, "msg_1", "1", "v1,AAAA");
            }
            catch (ZoetropeWebhookException)
            {
                var models = (await zoetrope.ModelsAsync("image")).Count;
                Console.WriteLine($"{Environment.Version.Major} {price.Credits > 0} {events} {new FileInfo(path).Length > 1000} {image is DataContent} {batch.Counts.Completed} {refused.Code} {models > 5}");
            }
        }
        """;

    [Theory]
    [InlineData("Zoetrope.Contracts")]
    [InlineData("Zoetrope.Client")]
    [InlineData("Zoetrope.Client.Extensions")]
    public void A_package_has_a_readme_a_licence_its_documentation_and_its_symbols(string id)
    {
        using var package = ZipFile.OpenRead(Path.Combine(packed.Feed, $"{id}.{packed.Version}.nupkg"));
        using var symbols = ZipFile.OpenRead(Path.Combine(packed.Feed, $"{id}.{packed.Version}.snupkg"));
        using var nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        string? Of(string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

        Assert.Equal(("MIT", "README.md"), (Of("license"), Of("readme")));
        Assert.NotEmpty(Of("description")!);
        foreach (var target in new[] { "net8.0", "net10.0" })
        {
            Assert.All(new[] { "dll", "xml" }, extension => Assert.InRange(package.GetEntry($"lib/{target}/{id}.{extension}")!.Length, 1000, long.MaxValue));
            Assert.NotNull(symbols.GetEntry($"lib/{target}/{id}.pdb"));
        }

        Assert.InRange(package.GetEntry("README.md")!.Length, 100, long.MaxValue);
        var foreign = metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value).Where(name => !name.StartsWith("Zoetrope", StringComparison.Ordinal)).Distinct().Order();
        Assert.Equal(id == "Zoetrope.Client.Extensions" ? ["Microsoft.Extensions.AI.Abstractions", "Microsoft.Extensions.Http"] : [], foreign);
    }

    [Fact]
    public Task A_program_compiled_ahead_of_time_works() => PublishAndRunAsync("net10.0", "10", "-p:PublishAot=true", $"-p:CppCompilerAndLinker={Linker()}");

    [Fact]
    public Task A_trimmed_program_works() => PublishAndRunAsync("net10.0", "10", "--self-contained", "-p:PublishTrimmed=true", "-p:PublishSingleFile=true");

    // With the runtime of .NET 8 itself, which comes as a package.
    [Fact]
    public Task A_trimmed_program_works_on_dotnet_8() => PublishAndRunAsync("net8.0", "8", "--self-contained", "-p:PublishTrimmed=true");

    private async Task PublishAndRunAsync(string framework, string major, params string[] options)
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "Program.cs"), Program);
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>{framework}</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <LangVersion>latest</LangVersion>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <TrimmerSingleWarn>false</TrimmerSingleWarn>
                <SuppressTrimAnalysisWarnings>false</SuppressTrimAnalysisWarnings>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Microsoft.Extensions.DependencyInjection" Version="10.0.15" />
                <PackageReference Include="Zoetrope.Client.Extensions" Version="{packed.Version}" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "nuget.config"), $"""<configuration><packageSources><add key="packed" value="{packed.Feed}" /></packageSources></configuration>""");
        var output = Path.Combine(directory.Path, "out");
        var platform = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? "linux-arm64" : "linux-x64";
        var told = await Packed.DotnetAsync(["publish", directory.Path, "-c", "Release", "-r", platform, "-o", output, "--nologo", "--disable-build-servers", .. options]);

        await using var zoetrope = await TestZoetrope.StartAsync();
        var customer = await zoetrope.Api.CreateCustomerAsync();
        await using var program = ChildProcess.TryStart(Path.Combine(output, "app"), [zoetrope.Api.Address.AbsoluteUri, customer.Key])!;
        var exitCode = await program.ExitCodeAsync(TimeSpan.FromMinutes(2));

        Assert.DoesNotMatch(@"warning (IL|CS|NU|NETSDK)\d+", told);
        Assert.True(exitCode == 0, program.Output);
        Assert.Equal($"{major} True 1 True True 2 INVALID_MODEL True", program.StandardOutput.Trim());
    }

    private static string Linker()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        return new[] { "clang", "gcc" }.FirstOrDefault(name => folders.Any(folder => File.Exists(Path.Combine(folder, name))))
            ?? throw new InvalidOperationException("There is neither clang nor gcc on this machine; ./test nightly installs gcc.");
    }

    /// <summary>The packages of this tree in a folder, at a version that nobody has.</summary>
    public sealed class Packed : IAsyncLifetime
    {
        private readonly TemporaryDirectory _directory = new();

        public string Feed => Path.Combine(_directory.Path, "feed");

        public string Version { get; } = $"0.0.1-test.{Guid.NewGuid():N}";

        public async ValueTask InitializeAsync()
        {
            foreach (var project in new[] { "Zoetrope.Contracts", "Zoetrope.Client", "Zoetrope.Client.Extensions" })
            {
                await DotnetAsync(["pack", Path.Combine(SourceTree.Root, "src", project), "-c", "Release", "-o", Feed, $"-p:Version={Version}", "--artifacts-path", Path.Combine(_directory.Path, "artifacts"), "--nologo", "--disable-build-servers"]);
            }
        }

        public ValueTask DisposeAsync()
        {
            _directory.Dispose();

            // What a restore took from the folder stays in the machine's cache for nobody.
            var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            foreach (var package in Directory.Exists(cache) ? Directory.GetDirectories(cache, "zoetrope.*") : [])
            {
                if (Path.Combine(package, Version.ToLowerInvariant()) is var used && Directory.Exists(used))
                {
                    Directory.Delete(used, recursive: true);
                }
            }

            return ValueTask.CompletedTask;
        }

        public static async Task<string> DotnetAsync(string[] arguments)
        {
            await using var dotnet = ChildProcess.TryStart("dotnet", arguments) ?? throw new InvalidOperationException("There is no dotnet on the PATH.");
            var exitCode = await dotnet.ExitCodeAsync(TimeSpan.FromMinutes(8));
            return exitCode == 0 ? dotnet.Output : throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)}:\n{dotnet.Output}");
        }
    }
}
