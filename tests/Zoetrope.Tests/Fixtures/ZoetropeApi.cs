using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Tests.Fixtures;

/// <summary>An answer as a client sees it.</summary>
internal sealed record Reply(int Status, string Text, HttpResponseHeaders Headers)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public JsonElement Data => Json.GetProperty("data");

    /// <summary>The error code; null for a success.</summary>
    public string? Code => Text.StartsWith('{') && Json.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
        ? error.GetProperty("code").GetString()
        : null;

    public Reply Expect(int status) => Status == status ? this : throw new InvalidOperationException($"Expected {status}, got {Status}: {Text}");
}

/// <summary>An account with one key, made for one test.</summary>
internal sealed record Customer(string AccountId, string Key);

/// <summary>The HTTP API from outside: customers with their keys, and the operator's door. Knows nothing of the server's insides.</summary>
internal sealed class ZoetropeApi(Uri address, string operatorKey) : IDisposable
{
    private static readonly TimeSpan Patience = Until.Patience;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
    {
        BaseAddress = address,
        Timeout = Patience,
    };

    public Uri Address => address;

    public async Task<Customer> CreateCustomerAsync(long credits = 1_000_000, string mode = "test", string plan = "enterprise", object? keyLimits = null)
    {
        var account = (await OperateAsync(HttpMethod.Post, "/admin/v1/accounts", new { name = "A test's account", plan })).Expect(200).Data;
        var id = account.GetProperty("id").GetString()!;
        var key = await CreateKeyAsync(id, mode, keyLimits);
        if (credits > 0)
        {
            (await OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{id}/grants", new { mode, amount = credits, reason = "test" })).Expect(200);
        }

        return new Customer(id, key);
    }

    public async Task<string> CreateKeyAsync(string accountId, string mode = "test", object? limits = null)
    {
        var wanted = JsonSerializer.SerializeToNode(limits ?? new { })!.AsObject();
        wanted["name"] = "A test's key";
        wanted["mode"] = mode;
        return (await OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{accountId}/keys", wanted)).Expect(200).Data.GetProperty("key").GetString()!;
    }

    public Task<Reply> OperateAsync(HttpMethod method, string path, object? body = null) =>
        SendAsync(method, path, operatorKey, body is null ? null : JsonSerializer.Serialize(body));

    public Task<Reply> GenerateAsync(Customer customer, object body, string? idempotencyKey = null) =>
        SendAsync(HttpMethod.Post, "/api/v1/generate", customer.Key, JsonSerializer.Serialize(body), idempotencyKey);

    /// <summary>Asks until the task has ended; the server holds each question open, so nobody sleeps.</summary>
    public Task<JsonElement> WaitAsync(Customer customer, string taskId, TimeSpan? within = null) => Until.SeesAsync(
        async () => (await GetAsync(customer, $"/api/v1/tasks/{taskId}?wait=20")).Expect(200).Data,
        task => task.GetProperty("status").GetString() is "completed" or "failed" or "cancelled",
        within ?? Patience,
        $"the end of {taskId}");

    /// <summary>The pages of a list, each asked for with the cursor of the one before.</summary>
    public async IAsyncEnumerable<Reply> PagesAsync(Customer customer, string path)
    {
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await GetAsync(customer, cursor.Length == 0 ? path : $"{path}&cursor={cursor}")).Expect(200);
            yield return page;
            var last = cursor;
            cursor = page.Data.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
            Assert.NotEqual(last, cursor);
        }
    }

    public Task<Reply> GetAsync(Customer customer, string path) => SendAsync(HttpMethod.Get, path, customer.Key);

    public async Task<long> CreditsAsync(Customer customer) =>
        (await GetAsync(customer, "/api/v1/credits")).Expect(200).Data.GetProperty("credits").GetInt64();

    /// <summary>Every law of the ledger holds, on whatever the tests did to it.</summary>
    public async Task AssertLedgerIsCleanAsync()
    {
        var audit = (await OperateAsync(HttpMethod.Get, "/admin/v1/ledger/audit")).Expect(200).Data;
        Assert.True(audit.GetProperty("ok").GetBoolean(), $"The ledger is broken: {audit}");
    }

    public async Task<Reply> SendAsync(HttpMethod method, string path, string? key, string? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        if (idempotencyKey is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return await SendAsync(request);
    }

    public async Task<Reply> SendAsync(HttpRequestMessage request)
    {
        using var answer = await _http.SendAsync(request);
        return new Reply((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers);
    }

    /// <summary>Both steps of an upload; returns the URL that names the file as an input.</summary>
    public async Task<string> UploadAsync(Customer customer, string file, string contentType)
    {
        var ticket = (await SendAsync(HttpMethod.Post, "/api/v1/upload", customer.Key, JsonSerializer.Serialize(new { contentType, sizeBytes = new FileInfo(file).Length }))).Expect(200).Data;
        using var request = new HttpRequestMessage(HttpMethod.Put, ticket.GetProperty("uploadUrl").GetString()) { Content = new ByteArrayContent(await File.ReadAllBytesAsync(file)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        (await SendAsync(request)).Expect(200);
        return ticket.GetProperty("publicUrl").GetString()!;
    }

    public Task<byte[]> DownloadAsync(string url) => _http.GetByteArrayAsync(new Uri(address, url));

    public void Dispose() => _http.Dispose();
}
