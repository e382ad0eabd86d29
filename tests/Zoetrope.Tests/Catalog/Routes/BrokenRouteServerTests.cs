using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zoetrope.Server.Hosting;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Catalog.Routes;

/// <summary>A broken route in the operator's file never reaches a request.</summary>
public sealed class BrokenRouteServerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string CatalogFile => Path.Combine(_directory.Path, "operator.json");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_server_does_not_start_with_it_and_lists_every_fault()
    {
        await File.WriteAllTextAsync(CatalogFile, RouteCheckTests.SixKinds);

        var refused = await Assert.ThrowsAsync<StartException>(() => TestZoetrope.StartAsync(Server()));

        foreach (var word in new[] { "seedream-4-5-text-to-image", "aspekt_ratio", "a[b.c", "lowercase", "decimal-strng", "\"4\"", "nonsense", "x[" })
        {
            Assert.Contains(word, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_running_server_logs_every_fault_and_keeps_the_last_good_catalogue()
    {
        await File.WriteAllTextAsync(CatalogFile, """{"models": [{"id": "seedream-4-5-text-to-image", "name": "Before"}]}""");
        using var log = new RefusalLog();
        await using var zoetrope = await TestZoetrope.StartAsync(Server(log));

        await File.WriteAllTextAsync(CatalogFile, RouteCheckTests.SixKinds.Replace("\"routes\"", "\"name\": \"After\", \"routes\"", StringComparison.Ordinal));
        var told = await log.Refusal.WaitAsync(TimeSpan.FromSeconds(60));

        foreach (var word in new[] { "7 error(s)", "seedream-4-5-text-to-image", "aspekt_ratio", "a[b.c", "lowercase", "decimal-strng", "\"4\"", "nonsense", "x[" })
        {
            Assert.Contains(word, told, StringComparison.Ordinal);
        }

        var models = (await zoetrope.Api.SendAsync(HttpMethod.Get, "/api/v1/models", key: null)).Expect(200).Text;
        Assert.Contains("\"Before\"", models, StringComparison.Ordinal);
        Assert.DoesNotContain("\"After\"", models, StringComparison.Ordinal);
        var customer = await zoetrope.Api.CreateCustomerAsync();
        (await zoetrope.Api.GenerateAsync(customer, new { model = "seedream-4-5-text-to-image", input = new { prompt = "a red fox" } })).Expect(200);
    }

    private TestServer Server(RefusalLog? log = null) => new()
    {
        Settings = new Dictionary<string, string?> { ["Catalog:File"] = CatalogFile, ["Catalog:ReloadInterval"] = "00:00:00.100" },
        Register = services =>
        {
            if (log is not null)
            {
                services.AddSingleton<ILoggerProvider>(log);
            }
        },
    };

    /// <summary>Waits for the watcher's refusal.</summary>
    private sealed class RefusalLog : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource<string> _refusal = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Refusal => _refusal.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception) is var line && line.Contains("the last good catalogue stays", StringComparison.Ordinal))
            {
                _refusal.TrySetResult(line);
            }
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Dispose()
        {
        }
    }
}
