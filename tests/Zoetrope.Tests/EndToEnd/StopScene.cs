using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Fal;
using Zoetrope.Tests.Providers.OpenAi;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>A server as a process, in front of two vendors that answer paid calls when the test says so, and one customer.</summary>
internal sealed class StopScene : IAsyncDisposable
{
    private const long Credits = 10_000;
    private readonly TaskCompletionSource _answer = new();

    public FakeOpenAi OpenAi { get; } = new();

    public FakeFal Fal { get; } = new();

    public ServerProcess Server { get; private set; } = null!;

    /// <summary>The connection string; null on SQLite.</summary>
    public string? Postgres { get; private set; }

    public Customer Customer { get; private set; } = null!;

    public static async Task<StopScene> StartAsync(SqlDialect dialect, params (string Name, string Value)[] settings)
    {
        var scene = new StopScene();
        try
        {
            await scene.OpenAsync(dialect, settings);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>The vendors answer what they hold, and all that comes.</summary>
    public void Answer() => _answer.TrySetResult();

    public async Task<string> GenerateAsync(string prompt) =>
        (await Server.Api.GenerateAsync(Customer, new { model = "gpt-image-2-text-to-image", input = new { prompt } })).Expect(200).Data.GetProperty("id").GetString()!;

    /// <summary>Every task of the customer is completed and charged once; the ids.</summary>
    /// <param name="last">What must be waited for first.</param>
    /// <param name="count">How many there are.</param>
    public async Task<IReadOnlyList<string>> AssertAllCompletedAsync(string? last, int count)
    {
        if (last is not null)
        {
            await Server.Api.WaitAsync(Customer, last);
        }

        var listed = (await Server.Api.GetAsync(Customer, "/api/v1/tasks?limit=100")).Expect(200).Data.GetProperty("tasks").EnumerateArray();
        var tasks = new List<JsonElement>();
        foreach (var task in listed)
        {
            tasks.Add(await Server.Api.WaitAsync(Customer, task.GetProperty("id").GetString()!));
        }

        Assert.Equal(count, tasks.Count);
        Assert.All(tasks, task => Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString()));
        Assert.Equal(Credits - tasks.Sum(task => task.GetProperty("creditsUsed").GetInt64()), await Server.Api.CreditsAsync(Customer));
        await Server.Api.AssertLedgerIsCleanAsync();
        return [.. tasks.Select(task => task.GetProperty("id").GetString()!)];
    }

    public async ValueTask DisposeAsync()
    {
        Answer();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        await OpenAi.DisposeAsync();
        await Fal.DisposeAsync();
        if (Postgres is not null)
        {
            await TestPostgres.DropAsync(Postgres);
        }
    }

    private async Task OpenAsync(SqlDialect dialect, (string Name, string Value)[] settings)
    {
        if (dialect is SqlDialect.Postgres)
        {
            TestPostgres.SkipIfAbsent();
            Postgres = await TestPostgres.CreateAsync(migrated: true);
        }

        await OpenAi.OpenAsync();
        await Fal.OpenAsync();
        OpenAi.Books.Default = Fal.Books.Default = new JobPlan { AnswersAfter = _answer.Task };
        var environment = new Dictionary<string, string?>
        {
            ["Zoetrope__Database__ConnectionString"] = Postgres ?? "",
            ["Zoetrope__Providers__openai__BaseUrl"] = OpenAi.BaseUrl.ToString(),
            ["Zoetrope__Providers__openai__ApiKey"] = OpenAi.Key,
            ["Zoetrope__Providers__fal__BaseUrl"] = Fal.BaseUrl.ToString(),
            ["Zoetrope__Providers__fal__ApiKey"] = Fal.Key,
            ["Zoetrope__Egress__AllowedPrivateHosts"] = "127.0.0.1",

            // Soon enough for a delivery that failed before the stop.
            ["Zoetrope__Webhooks__RetrySchedule"] = string.Join(',', Enumerable.Repeat("00:00:01", 100)),
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        Server = await ServerProcess.StartAsync(environment);
        Customer = await Server.Api.CreateCustomerAsync(Credits, mode: "live");
    }
}
