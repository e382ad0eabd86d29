using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Zoetrope.Tests.Egress;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Fixtures.Running;

namespace Zoetrope.Tests.Events;

/// <summary>How many are told how much, and what goes wrong meanwhile.</summary>
internal sealed record StormPlan(int Receivers, int Hanging, int Failing, int TasksEach, int Kills)
{
    /// <summary>Tasks a second, over all accounts.</summary>
    public int Rate { get; init; } = 40;
}

/// <summary>What came of it.</summary>
/// <param name="Events">That happened; each must have been taken by its receiver.</param>
/// <param name="Duplicates">Taken more than once.</param>
/// <param name="Retried">Messages that were sent again, after a failure or a kill.</param>
/// <param name="FirstAttempts">Of the healthy receivers' events, sorted: from the event to its first arrival.</param>
internal sealed record StormResult(int Events, int Duplicates, int Retried, IReadOnlyList<TimeSpan> FirstAttempts, TimeSpan Duration)
{
    public TimeSpan Percentile(double share) => FirstAttempts.Count == 0 ? TimeSpan.Zero : FirstAttempts[(int)((FirstAttempts.Count - 1) * share)];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Events} events in {Duration.TotalSeconds:0} s, {Duplicates} duplicates ({100.0 * Duplicates / Events:0.00} %), {Retried} messages sent again; first attempt of the healthy p50 {Percentile(0.5).TotalMilliseconds:0} ms, p95 {Percentile(0.95).TotalMilliseconds:0} ms, p99 {Percentile(0.99).TotalMilliseconds:0} ms");
}

/// <summary>
/// Many accounts with a webhook endpoint each, tasks that fail at once so that there is nothing but events, receivers that hang
/// or fail at random, and a real server process that is killed again and again. Ends when every event was taken.
/// </summary>
internal sealed class WebhookStorm(StormPlan plan) : IAsyncDisposable
{
    private const int EventsOfATask = 3;
    private const double FailureRate = 0.30;
    private const double ResetRate = 0.05;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    // Short enough for a test and so many that nobody fails as often as that.
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Zoetrope__Egress__AllowedPrivateHosts"] = "127.0.0.1",

        // Some of these accounts have more events than anybody's tests.
        ["Zoetrope__Webhooks__TestDeliveriesPerMinute"] = "100000",
        ["Zoetrope__Webhooks__RetrySchedule"] = string.Join(", ", Enumerable.Repeat("00:00:01", 40)),
    };

    private readonly ConcurrentDictionary<string, Message> _messages = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopbackServer _receivers = null!;
    private ServerProcess _server = null!;
    private int _submitted;
    private long _lastTaken = Stopwatch.GetTimestamp();

    public async Task<StormResult> RunAsync()
    {
        var began = Stopwatch.GetTimestamp();
        _receivers = await LoopbackServer.StartAsync(ReceiveAsync);
        _server = await ServerProcess.StartAsync(Settings);
        var customers = new List<Customer>();
        for (var number = 0; number < plan.Receivers; number++)
        {
            var customer = await _server.Api.CreateCustomerAsync();
            var url = $"http://127.0.0.1:{_receivers.Port}/{number}";
            (await _server.Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", customer.Key, JsonSerializer.Serialize(new { url }))).Expect(200);
            customers.Add(customer);
        }

        var submitting = Task.WhenAll(customers.Select((customer, number) => SubmitAsync(customer, number)));
        for (var kill = 1; kill <= plan.Kills; kill++)
        {
            await UntilAsync(() => _submitted >= plan.Receivers * plan.TasksEach * kill / (plan.Kills + 1), "submitted");
            await _server.KillAsync();
            await _server.StartAgainAsync();
        }

        var tasks = (await submitting).SelectMany(ids => ids).ToList();
        await UntilTakenAsync(tasks.Where(task => task.Number >= plan.Hanging));
        _release.SetResult();
        await UntilTakenAsync(tasks);
        var healthy = _messages.Values.Where(message => message.Number >= plan.Hanging + plan.Failing).Select(message => message.Delay).Order().ToList();
        return new StormResult(
            tasks.Count * EventsOfATask, _messages.Values.Sum(message => Math.Max(0, message.Taken - 1)), _messages.Values.Count(message => message.Arrived > 1), healthy, Stopwatch.GetElapsedTime(began));
    }

    public async ValueTask DisposeAsync()
    {
        _release.TrySetResult();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_receivers is not null)
        {
            await _receivers.DisposeAsync();
        }
    }

    // A client as it should be: the same key until there is an answer.
    private async Task<List<(int Number, string Id)>> SubmitAsync(Customer customer, int number)
    {
        var ids = new List<(int, string)>();
        var pause = TimeSpan.FromSeconds((double)plan.Receivers / plan.Rate);
        await Until.PassesAsync(pause * ((double)number / plan.Receivers));
        for (var i = 0; i < plan.TasksEach; i++)
        {
            var due = Stopwatch.GetTimestamp();
            ids.Add((number, await SubmitOneAsync(customer, $"task-{i}")));
            Interlocked.Increment(ref _submitted);
            await Until.PassesAsync(pause - Stopwatch.GetElapsedTime(due));
        }

        return ids;
    }

    private Task<string> SubmitOneAsync(Customer customer, string key)
    {
        HttpRequestException? last = null;
        return Until.FoundAsync(
            async () =>
            {
                try
                {
                    var reply = await _server.Api.GenerateAsync(customer, new { model = "nano-banana-2-text-to-image", input = new { prompt = "[[refused]]", resolution = "0.5K" } }, key);
                    return reply.Expect(200).Data.GetProperty("id").GetString();
                }
                catch (HttpRequestException refused)
                {
                    last = refused;
                    return null;
                }
            },
            () => last,
            Patience,
            $"an answer to {key}");
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var number = int.Parse(context.Request.Path.Value![1..], CultureInfo.InvariantCulture);
        var now = TimeProvider.System.GetUtcNow();
        var happened = body.RootElement.GetProperty("timestamp").GetDateTimeOffset();
        var task = body.RootElement.GetProperty("data").GetProperty("id").GetString()!;
        var message = _messages.GetOrAdd(
            context.Request.Headers["webhook-id"].ToString(), static (_, made) => made, new Message(number, task, body.RootElement.GetProperty("type").GetString()!, now - happened));
        message.Arrive();
        if (number < plan.Hanging && !_release.Task.IsCompleted)
        {
            await _release.Task.WaitAsync(context.RequestAborted);
        }

        var luck = number >= plan.Hanging && number < plan.Hanging + plan.Failing ? Random.Shared.NextDouble() : 1;
        if (luck < ResetRate)
        {
            context.Abort();
            return;
        }

        if (luck < ResetRate + FailureRate)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        message.Take();
        Volatile.Write(ref _lastTaken, Stopwatch.GetTimestamp());
    }

    private Task UntilTakenAsync(IEnumerable<(int Number, string Id)> tasks)
    {
        var wanted = tasks.Select(task => task.Id).ToHashSet(StringComparer.Ordinal);
        return UntilAsync(
            () => _messages.Values.Where(message => message.Taken > 0 && wanted.Contains(message.Task)).Select(message => (message.Task, message.Type)).Distinct().Count() == wanted.Count * EventsOfATask,
            "taken");
    }

    // As long as something is going on there is patience.
    private async Task UntilAsync(Func<bool> reached, string what)
    {
        var began = Stopwatch.GetTimestamp();
        await Until.HoldsAsync(
            () =>
            {
                var still = Stopwatch.GetElapsedTime(Math.Max(began, Volatile.Read(ref _lastTaken)));
                Assert.True(still < Patience, $"Not all {what}, and nothing new for {still}. {State()}");
                return reached();
            },
            State,
            TestRun.NightlyLimit,
            $"all to be {what}");
    }

    private string State() => $"{_submitted} tasks submitted, {_messages.Values.Count(message => message.Taken > 0)} of {_messages.Count} messages taken.\n{Missing()}";

    private string Missing() => string.Join('\n', _messages.Values.Where(message => message.Taken == 0).GroupBy(message => message.Number)
        .Select(group => $"Receiver {group.Key}: {group.Count()} not taken, arrived {string.Join(' ', group.Take(20).Select(message => message.Arrived))}"));

    private sealed class Message(int number, string task, string type, TimeSpan delay)
    {
        private int _arrived;
        private int _taken;

        public int Number => number;

        public string Task => task;

        public string Type => type;

        /// <summary>From the event to its first arrival.</summary>
        public TimeSpan Delay => delay;

        public int Arrived => _arrived;

        public int Taken => _taken;

        public void Arrive() => Interlocked.Increment(ref _arrived);

        public void Take() => Interlocked.Increment(ref _taken);
    }
}
