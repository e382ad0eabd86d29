using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Mcp;

/// <summary>
/// The protocol's own conformance suite for servers, unmodified, all scenarios. It sends no key, so the test's server adds one,
/// and it wants tools of its own, see <see cref="ConformancePrimitives"/>. What does not pass is listed here and in docs/mcp.md
/// with its reason, and a scenario that begins to pass fails the run until it is taken off the list.
/// </summary>
public sealed class McpConformanceTests
{
    private static readonly string[] NotApplicable =
    [
        "tools-call-sampling", "tools-call-elicitation", "elicitation-sep1034-defaults", "elicitation-sep1330-enums", "server-sse-polling",
    ];

    [Fact]
    public async Task Every_applicable_scenario_passes()
    {
        var key = "";
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Register = services =>
            {
                ConformancePrimitives.AddTo(services);
                services.AddSingleton<IStartupFilter>(new KeyFilter(() => key));
            },
        });
        key = (await zoetrope.Api.CreateCustomerAsync()).Key;
        using var directory = new TemporaryDirectory();
        var expected = directory.File("expected.yml");
        await File.WriteAllTextAsync(expected, "server:\n" + string.Concat(NotApplicable.Select(name => $"  - {name}\n")), TestContext.Current.CancellationToken);

        var run = await NodePackages.RunFileAsync(
            "@modelcontextprotocol/conformance/dist/index.js",
            ["server", "--url", new Uri(zoetrope.Api.Address, "/mcp").AbsoluteUri, "--suite", "all", "--expected-failures", expected, "-o", directory.Path]);

        Assert.True(run.ExitCode == 0, run.Output);
        Assert.True(Regex.Count(run.StandardOutput, "✓") > 0, run.Output);
    }

    [Fact]
    public async Task The_documentation_names_what_does_not_apply()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "docs", "mcp.md"), TestContext.Current.CancellationToken);

        Assert.All(NotApplicable, name => Assert.Contains($"| `{name}` |", page, StringComparison.Ordinal));
    }

    private sealed class KeyFilter(Func<string> key) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, go) =>
            {
                if (context.Request.Path.StartsWithSegments("/mcp", StringComparison.Ordinal) && context.Request.Headers.Authorization.Count == 0)
                {
                    context.Request.Headers.Authorization = $"Bearer {key()}";
                }

                return go(context);
            });
            next(app);
        };
    }
}
