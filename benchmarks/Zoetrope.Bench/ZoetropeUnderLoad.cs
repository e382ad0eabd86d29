using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Operator;

namespace Zoetrope.Bench;

/// <summary>The real server in a process and data directory of its own, with one account that can afford everything.</summary>
internal sealed class ZoetropeUnderLoad : IAsyncDisposable
{
    private const string OperatorKey = "zadm-only-for-benchmarks-0123456789";
    private readonly DirectoryInfo _directory;
    private readonly HttpClient _http;

    private ZoetropeUnderLoad(DirectoryInfo directory, Uri address, ServerChild child)
    {
        (_directory, Address, Child) = (directory, address, child);
        _http = new HttpClient { BaseAddress = address };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", OperatorKey);
    }

    public Uri Address { get; }

    public ServerChild Child { get; }

    public string Key { get; private set; } = "";

    /// <summary>A key whose requests go to configured providers.</summary>
    public string LiveKey { get; private set; } = "";

    /// <param name="jobs">How many jobs may run at the sandbox; 0 keeps every task in the queue, so that only the submit is measured.</param>
    /// <param name="postgres">A connection string; empty for SQLite.</param>
    /// <param name="settings">Further settings, as <c>Section:Key</c>.</param>
    /// <param name="joins">A node of the same database; its account is used, not a new one.</param>
    public static async Task<ZoetropeUnderLoad> StartAsync(
        int jobs, string postgres = "", IReadOnlyDictionary<string, string?>? settings = null, ZoetropeUnderLoad? joins = null)
    {
        var directory = Directory.CreateTempSubdirectory("zoetrope-bench-");
        var address = new Uri($"http://127.0.0.1:{BaselineServer.FreePort()}");
        var environment = (settings ?? new Dictionary<string, string?>()).ToDictionary(setting => "Zoetrope__" + setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        foreach (var (name, value) in new Dictionary<string, string?>
        {
            ["ZOETROPE_URLS"] = address.ToString(),
            ["ZOETROPE_DATA"] = directory.FullName,
            ["Zoetrope__Admin__Key"] = OperatorKey,
            ["Zoetrope__Database__ConnectionString"] = postgres,
            ["Zoetrope__Providers__sandbox__Concurrency"] = $"{jobs}",
            ["Zoetrope__Logging__Level"] = "Error",
        })
        {
            environment[name] = value;
        }

        var child = await ServerChild.StartAsync("Zoetrope.Server.dll", [], environment);
        var server = new ZoetropeUnderLoad(directory, address, child);
        try
        {
            (server.Key, server.LiveKey) = joins is null ? await server.CreateAccountAsync() : (joins.Key, joins.LiveKey);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public byte[] PostRequest(string prompt, string? key = null)
    {
        var body = JsonSerializer.Serialize(new { model = "flux-2-pro-text-to-image", input = new { prompt, aspect_ratio = "1:1" } });
        return Encoding.UTF8.GetBytes(
            $"POST /api/v1/generate HTTP/1.1\r\nHost: {Address.Authority}\r\nAuthorization: Bearer {key ?? Key}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
    }

    public byte[] GetRequest(string taskId) => Encoding.ASCII.GetBytes(
        $"GET /api/v1/tasks/{taskId} HTTP/1.1\r\nHost: {Address.Authority}\r\nAuthorization: Bearer {Key}\r\n\r\n");

    /// <summary>One submit through an ordinary client; its answer is what the baseline repeats.</summary>
    public async Task<(string TaskId, string Answer)> SubmitOneAsync(string prompt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/generate")
        {
            Content = JsonContent.Create(new { model = "flux-2-pro-text-to-image", input = new { prompt, aspect_ratio = "1:1" } }),
        };
        request.Headers.Authorization = new("Bearer", Key);
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"The server refuses the benchmark's request: {text}");
        }

        return (JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("id").GetString()!, text);
    }

    public async Task CancelAsync(string taskId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/tasks/{taskId}");
        request.Headers.Authorization = new("Bearer", Key);
        using var answer = await _http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>A batch of so many small requests.</summary>
    public async Task SubmitBatchAsync(int items)
    {
        var requests = Enumerable.Range(0, items).Select(i => new { model = "flux-2-pro-text-to-image", input = new { prompt = $"Picture {i} of a batch", aspect_ratio = "1:1" } });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/batches") { Content = JsonContent.Create(new { requests }) };
        request.Headers.Authorization = new("Bearer", Key);
        using var answer = await _http.SendAsync(request);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"The server refuses the benchmark's batch: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    public async Task SubmitLiveAsync(string model, string prompt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/generate") { Content = JsonContent.Create(new { model, input = new { prompt } }) };
        request.Headers.Authorization = new("Bearer", LiveKey);
        using var answer = await _http.SendAsync(request);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"The server refuses the benchmark's request: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    public async Task<string> ReadTaskAsync(string taskId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/tasks/{taskId}");
        request.Headers.Authorization = new("Bearer", Key);
        using var answer = await _http.SendAsync(request);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    /// <summary>Rows of generations as another process sees them, or null on PostgreSQL, where the audit has to do.</summary>
    public long CountRows(string where = "1 = 1")
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.FullName, "zoetrope.db")};Mode=ReadOnly;Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"select count(*) from generations where {where}";
        return (long)command.ExecuteScalar()!;
    }

    public async Task<bool> LedgerIsCleanAsync()
    {
        var audit = await _http.GetFromJsonAsync<JsonElement>("/admin/v1/ledger/audit");
        return audit.GetProperty("data").GetProperty("ok").GetBoolean();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Child.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    /// <summary>Another account that can afford everything: its keys for the sandbox and for configured providers.</summary>
    public async Task<(string Test, string Live)> CreateAccountAsync()
    {
        var account = await OperateAsync("/admin/v1/accounts", new { name = "Benchmark", plan = "enterprise" });
        var id = account.GetProperty("id").GetString();
        var keys = new Dictionary<string, string>();
        foreach (var mode in new[] { "test", "live" })
        {
            keys[mode] = (await OperateAsync($"/admin/v1/accounts/{id}/keys", new { name = "Benchmark", mode })).GetProperty("key").GetString()!;
            await OperateAsync($"/admin/v1/accounts/{id}/grants", new { mode, amount = 1_000_000_000_000, reason = "benchmark" });
        }

        return (keys["test"], keys["live"]);
    }

    private async Task<JsonElement> OperateAsync(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement.GetProperty("data")
            : throw new InvalidOperationException($"{path}: {text}");
    }
}
