using System.Collections.Concurrent;
using System.Text.Json;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// A customer's program that does what the documentation says: every request has its own idempotency key, and one without
/// an answer is sent again with the same key until it has one.
/// </summary>
internal sealed class PersistentClient(ZoetropeApi api, Customer customer)
{
    private readonly ConcurrentDictionary<string, string> _requests = new();
    private readonly ConcurrentDictionary<string, string> _answers = new();

    /// <summary>The first answer to each key, as bytes of text.</summary>
    public IReadOnlyDictionary<string, string> Answers => _answers;

    public Customer Customer => customer;

    public Task<long> CreditsAsync() => api.CreditsAsync(customer);

    /// <summary>Sends a new request; false when the server died before it answered.</summary>
    public async Task<bool> TryAsync(string key, object body)
    {
        _requests[key] = JsonSerializer.Serialize(body);
        return await TrySendAsync(key);
    }

    /// <summary>Waits for the end of one task; false when the server died meanwhile.</summary>
    public async Task<bool> TryWaitAsync(string key)
    {
        try
        {
            await api.WaitAsync(customer, TaskAnswers.IdOf(_answers[key]));
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Sends everything again, answered or not: each old answer must come back unchanged, each missing one must come now.</summary>
    public async Task RepeatAllAsync()
    {
        foreach (var key in _requests.Keys)
        {
            Assert.True(await TrySendAsync(key), $"The server gave no answer to {key}.");
        }
    }

    /// <summary>Waits for the end of every acknowledged task, and checks that there is exactly one for each key.</summary>
    public async Task<IReadOnlyList<JsonElement>> DrainAsync()
    {
        var ids = _answers.Values.Select(TaskAnswers.IdOf).ToList();
        Assert.Equal(_requests.Count, ids.Distinct().Count());
        var tasks = new List<JsonElement>();
        foreach (var id in ids)
        {
            tasks.Add(await api.WaitAsync(customer, id));
        }

        var listed = new List<string>();
        await foreach (var page in api.PagesAsync(customer, "/api/v1/tasks?limit=100"))
        {
            listed.AddRange(page.Data.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!));
        }

        Assert.Equal(ids.Order(), listed.Order());
        return tasks;
    }

    private async Task<bool> TrySendAsync(string key)
    {
        Reply reply;
        try
        {
            reply = await api.SendAsync(HttpMethod.Post, "/api/v1/generate", customer.Key, _requests[key], key);
        }
        catch (HttpRequestException)
        {
            return false;
        }

        var answer = reply.Expect(200).Text;
        Assert.Equal(_answers.GetOrAdd(key, answer), answer);
        return true;
    }
}
