using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Npgsql;
using Zoetrope.Server;
using Zoetrope.Server.Storage;
using Zoetrope.Server.Vouchers;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Doors.Entry;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Egress;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>Every error code is reached over HTTP with the status it is documented with; a code that nothing reaches fails here.</summary>
public sealed class ErrorCodeTests(ErrorCodeTests.Server server) : IClassFixture<ErrorCodeTests.Server>
{
    private const string Image = "nano-banana-text-to-image";
    private const string ImageToImage = "nano-banana-image-to-image";

    private ZoetropeApi Api => server.Zoetrope.Api;

    private Customer Customer => server.Customer;

    public static TheoryData<string> Codes => [.. Problems.All.Select(kind => kind.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task A_code_is_reached(string code)
    {
        var kind = Problems.All.Single(kind => kind.Code == code);
        if (kind.Status == 0)
        {
            var task = await FailAsync(code);
            var failure = task.GetProperty("error");
            Assert.Equal(("failed", code, kind.Retryable), (task.GetProperty("status").GetString(), failure.GetProperty("code").GetString(), failure.GetProperty("retryable").GetBoolean()));
            Assert.Equal(0, task.GetProperty("creditsUsed").GetInt64());
            return;
        }

        if (code == "LOCAL_FILE_UNSUPPORTED")
        {
            // A code of tools, whose refusals are answers: in VicSee it never leaves the agent's own machine.
            await using var agent = await McpClients.ConnectAsync(Api, Customer.Key);
            Assert.Equal(code, (await agent.CallAsync("vicsee_generate", new { model = ImageToImage, prompt = "a", image_urls = new[] { "/home/me/cat.png" } })).Code());
            return;
        }

        var reply = await RefuseAsync(code);
        Assert.True((reply.Status, reply.Code) == (kind.Status, code), $"{reply.Status} {reply.Text}");
        var error = reply.Json.GetProperty("error");
        Assert.False(reply.Json.GetProperty("success").GetBoolean());
        Assert.Equal(kind.Retryable, error.GetProperty("retryable").GetBoolean());
        Assert.NotEqual("", error.GetProperty("message").GetString());
        Assert.NotEmpty(reply.Headers.GetValues("X-Request-Id"));
        if (kind.Status is 429 or 503 && code != "MODEL_UNAVAILABLE")
        {
            Assert.NotNull(reply.Headers.RetryAfter);
        }
    }

    private async Task<JsonElement> FailAsync(string code)
    {
        var marker = code switch
        {
            "GENERATION_FAILED" => "[[fail]]",
            "CONTENT_REFUSED" => "[[moderated]]",
            "INPUT_REFUSED" => "[[refused]]",
            "PROVIDER_UNAVAILABLE" => "[[provider-auth]]",
            "OUTCOME_UNKNOWN" => "[[unknown-outcome]]",
            "TIMED_OUT" => "[[timeout]]",
            "BAD_OUTPUT" => "[[bad-media]]",
            "CANCELLED" => "[[never-finishes]]",
            _ => throw new NotSupportedException($"Nothing reaches {code}."),
        };
        var id = await StartAsync(Customer, marker);
        if (code == "CANCELLED")
        {
            (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}", Customer.Key)).Expect(200);
        }

        return await Api.WaitAsync(Customer, id);
    }

    private Task<Reply> RefuseAsync(string code) => code switch
    {
        "MISSING_AUTH_HEADER" => Api.SendAsync(HttpMethod.Get, "/api/v1/credits", key: null),
        "INVALID_AUTH_FORMAT" => SendAsync(HttpMethod.Get, "/api/v1/credits", new AuthenticationHeaderValue("Basic", "YTpi")),
        "INVALID_KEY_FORMAT" => Api.SendAsync(HttpMethod.Get, "/api/v1/credits", "nonsense"),
        "INVALID_API_KEY" => RevokedAsync(),
        "FORBIDDEN" => FreePlanAsync(),
        "ADDRESS_NOT_ALLOWED" => LimitedAsync(new { addresses = new[] { "203.0.113.0/24" } }),
        "MODEL_NOT_ALLOWED" => LimitedAsync(new { models = new[] { "nano-banana-2-text-to-image" } }),
        "KEY_TOO_WIDE" => WiderKeyAsync(),
        "BAD_REQUEST" => BadChunkAsync(),
        "INVALID_JSON" => GenerateAsync("{\"model\":"),
        "BODY_TOO_LARGE" => Api.SendAsync(HttpMethod.Post, "/api/v1/upload", Customer.Key, $"{{\"contentType\":\"{new string('x', 20_000)}\"}}"),
        "UNSUPPORTED_MEDIA_TYPE" => WrongTypeAsync(),
        "NOT_FOUND" => Api.GetAsync(Customer, "/api/v1/nothing"),
        "METHOD_NOT_ALLOWED" => Api.SendAsync(HttpMethod.Put, "/api/v1/generate", Customer.Key, "{}"),
        "MISSING_MODEL" => GenerateAsync("{}"),
        "INVALID_MODEL" => GenerateAsync("""{"model":"no-such-model"}"""),
        "MISSING_PROMPT" => GenerateAsync($$"""{"model":"{{Image}}"}"""),
        "UNKNOWN_PARAMETER" => GenerateAsync($$$"""{"model":"{{{Image}}}","prompt":"a","input":{"aspekt_ratio":"1:1"}}"""),
        "MISSING_PARAMETER" => GenerateAsync($$"""{"model":"{{ImageToImage}}","prompt":"a"}"""),
        "INVALID_PARAMETER" => GenerateAsync($$$"""{"model":"{{{Image}}}","prompt":"a","input":{"aspect_ratio":"7:3"}}"""),
        "INVALID_INPUT" => WithImageAsync(ImageToImage, "data:image/png;base64,aGVsbG8gd29ybGQ="),
        "IMAGE_TOO_LARGE" => WithImageAsync(ImageToImage, DataUri(TestMedia.BombPng(20_000, 20_000))),
        "IMAGE_ASPECT_UNSUPPORTED" => WithImageAsync("seedance-2-0-image-to-video", DataUri(File.ReadAllBytes(TestMedia.Image(3000, 310)))),
        "INPUT_TOO_LARGE" => Api.SendAsync(HttpMethod.Post, "/api/v1/upload", Customer.Key, """{"contentType":"image/png","sizeBytes":9000000000000}"""),
        "URL_NOT_ALLOWED" => WithImageAsync(ImageToImage, "https://169.254.169.254/latest/meta-data"),
        "INPUT_NOT_FETCHED" => BusyHostAsync(),
        "INVALID_IDEMPOTENCY_KEY" => Api.GenerateAsync(Customer, Request("a"), new string('k', 256)),
        "IDEMPOTENCY_MISMATCH" => MismatchAsync(),
        "INVALID_CURSOR" => Api.GetAsync(Customer, "/api/v1/tasks?cursor=nonsense"),
        "CURSOR_EXPIRED" => CursorExpiredAsync(),
        "INVALID_PLAN" => Api.OperateAsync(HttpMethod.Post, "/admin/v1/accounts", new { name = "A", plan = "platinum" }),
        "INVALID_OPERATION" => CancelEndedAsync(),
        "INSUFFICIENT_CREDITS" => PoorAsync(),
        "SPEND_CAP_REACHED" => LimitedAsync(new { spendPerDay = 1 }),
        "BUDGET_REACHED" => OverBudgetAsync(),
        "BUDGET_NOT_FOUND" => Api.GetAsync(Customer, "/api/v1/budgets/budget_00000000000000000000000000"),
        "CONFIRMATION_REQUIRED" => LimitedAsync(new { askAbove = 0 }),
        "RATE_LIMITED" => TwiceAsync(new { requestsPerMinute = 1 }),
        "TOO_MANY_IN_FLIGHT" => TwiceAsync(new { inFlightLimit = 1 }),
        "TOO_MANY_STREAMS" => StreamsAsync(),
        "MODEL_UNAVAILABLE" => LiveAsync(),
        "PARAMETER_UNAVAILABLE" => SeedForArkAsync(),
        "UNAVAILABLE" => DatabaseGoneAsync(),
        "MODEL_NOT_FOUND" => Api.GetAsync(Customer, "/api/v1/models/no-such-model"),
        "TASK_NOT_FOUND" => Api.GetAsync(Customer, "/api/v1/tasks/task_00000000000000000000000000"),
        "BATCH_NOT_FOUND" => Api.GetAsync(Customer, "/api/v1/batches/batch_00000000000000000000000000"),
        "NO_RESULT" => NoResultAsync(),
        "FILE_NOT_FOUND" => Api.SendAsync(HttpMethod.Get, $"/files/upl_{new string('0', 32)}", key: null),
        "INVALID_SIGNATURE" => Api.SendAsync(HttpMethod.Get, "/files/art_00000000000000000000000000/a.png?exp=1&sig=AAAA", key: null),
        "ACCOUNT_NOT_FOUND" => Api.OperateAsync(HttpMethod.Get, "/admin/v1/accounts/acct_00000000000000000000000000"),
        "WEBHOOK_NOT_FOUND" => Api.GetAsync(Customer, "/api/v1/webhooks/whe_00000000000000000000000000"),
        "GRANT_NOT_FOUND" => Api.GetAsync(Customer, "/api/v1/grants/key_00000000000000000000000000"),
        "KEY_NOT_FOUND" => Api.OperateAsync(HttpMethod.Delete, $"/admin/v1/accounts/{Customer.AccountId}/keys/key_00000000000000000000000000"),
        "CASE_NOT_FOUND" => Api.OperateAsync(HttpMethod.Post, "/admin/v1/cases/case_00000000000000000000000000/close", new { reason = "none" }),
        "VOUCHER_NOT_VALID" => Api.SendAsync(HttpMethod.Post, "/api/v1/vouchers/redeem", Customer.Key, $$"""{"code":"{{VoucherCode.New()}}"}"""),
        "VOUCHER_NOT_FOUND" => Api.OperateAsync(HttpMethod.Delete, "/admin/v1/vouchers/vch_00000000000000000000000000"),
        "PROVIDER_NOT_FOUND" => Api.OperateAsync(HttpMethod.Post, "/admin/v1/providers/nobody/resume"),
        "INTERNAL_ERROR" => BrokenSchemaAsync(),
        "SIGNED_OUT" or "SIGN_IN_FAILED" or "CODE_NEEDED" or "CROSS_SITE" or "PROOF_NEEDED" or "LINK_NOT_VALID" or "PERSON_NOT_FOUND" =>
            EntryRefusals.ReachAsync(server.Zoetrope, code),
        _ => throw new NotSupportedException($"Nothing reaches {code}."),
    };

    private async Task<Reply> WiderKeyAsync() => await Api.SendAsync(
        HttpMethod.Post,
        "/api/v1/keys",
        await Api.CreateKeyAsync(Customer.AccountId, limits: new { scopes = new[] { "read", "keys" } }),
        """{"name":"wider","scopes":["generate"]}""");

    private static object Request(string prompt) => new { model = Image, input = new { prompt } };

    private static string DataUri(byte[] file) => $"data:image/png;base64,{Convert.ToBase64String(file)}";

    private Task<Reply> GenerateAsync(string body) => Api.SendAsync(HttpMethod.Post, "/api/v1/generate", Customer.Key, body);

    private Task<Reply> WithImageAsync(string model, string image) =>
        GenerateAsync(JsonSerializer.Serialize(new { model, input = new { prompt = "a", image_urls = new[] { image } } }));

    private async Task<string> StartAsync(Customer customer, string prompt) =>
        (await Api.GenerateAsync(customer, Request(prompt))).Expect(200).Data.GetProperty("id").GetString()!;

    private async Task<Reply> SendAsync(HttpMethod method, string path, AuthenticationHeaderValue authorization)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = authorization;
        return await Api.SendAsync(request);
    }

    private async Task<Reply> RevokedAsync()
    {
        var customer = await Api.CreateCustomerAsync(credits: 0);
        var keys = (await Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{customer.AccountId}/keys")).Expect(200).Data.GetProperty("keys");
        (await Api.OperateAsync(HttpMethod.Delete, $"/admin/v1/accounts/{customer.AccountId}/keys/{keys[0].GetProperty("id").GetString()}")).Expect(200);
        return await Api.GetAsync(customer, "/api/v1/credits");
    }

    private async Task<Reply> FreePlanAsync() => await Api.GenerateAsync(await Api.CreateCustomerAsync(plan: "free"), Request("a"));

    // HttpClient does not send such a thing.
    private async Task<Reply> BadChunkAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Api.Address.Host, Api.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/v1/generate HTTP/1.1\r\nHost: {Api.Address.Authority}\r\nAuthorization: Bearer {Customer.Key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n"));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync();
        using var message = new HttpResponseMessage();
        var lines = answer[..answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n");
        foreach (var header in lines.Skip(1).Select(line => line.Split(": ", 2)))
        {
            message.Headers.TryAddWithoutValidation(header[0], header[1]);
        }

        return new Reply(int.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), answer[answer.IndexOf('{', StringComparison.Ordinal)..(answer.LastIndexOf('}') + 1)], message.Headers);
    }

    private async Task<Reply> WrongTypeAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/generate") { Content = new StringContent("{}", Encoding.UTF8, "text/plain") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Customer.Key);
        return await Api.SendAsync(request);
    }

    private async Task<Reply> MismatchAsync()
    {
        (await Api.GenerateAsync(Customer, Request("[[fail]] one"), "mismatch")).Expect(200);
        return await Api.GenerateAsync(Customer, Request("[[fail]] two"), "mismatch");
    }

    // As retention leaves an account whose first nine events it has deleted.
    private async Task<Reply> CursorExpiredAsync()
    {
        var customer = await Api.CreateCustomerAsync();
        var database = (Database)server.Zoetrope.Services.GetService(typeof(Database))!;
        await database.InTransactionAsync(tx => tx.ExecuteAsync("insert into event_horizons (account_id, seq) values (@id, 9)", new { id = customer.AccountId }));
        return await Api.GetAsync(customer, "/api/v1/events?after=1");
    }

    private async Task<Reply> CancelEndedAsync()
    {
        var id = await StartAsync(Customer, "[[fail]]");
        await Api.WaitAsync(Customer, id);
        return await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}", Customer.Key);
    }

    private async Task<Reply> BusyHostAsync()
    {
        await using var host = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        return await WithImageAsync(ImageToImage, $"http://127.0.0.1:{host.Port}/a.png");
    }

    private async Task<Reply> OverBudgetAsync()
    {
        var customer = await Api.CreateCustomerAsync();
        (await Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/budgets?mode=test", new { name = "A", scope = "account", period = "day", limit = 1 })).Expect(200);
        return await Api.GenerateAsync(customer, Request("a"));
    }

    private async Task<Reply> PoorAsync() => await Api.GenerateAsync(await Api.CreateCustomerAsync(credits: 1), Request("a"));

    private async Task<Reply> LimitedAsync(object limits) => await Api.GenerateAsync(await Api.CreateCustomerAsync(keyLimits: limits), Request("a"));

    private async Task<Reply> LiveAsync() => await Api.GenerateAsync(await Api.CreateCustomerAsync(mode: "live"), Request("a"));

    private static async Task<Reply> SeedForArkAsync()
    {
        // Nothing is sent to this address: the request is refused before.
        var settings = new Dictionary<string, string?> { ["Providers:ark:ApiKey"] = "a-key-for-nobody", ["Providers:ark:BaseUrl"] = "http://127.0.0.1:1/" };
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = settings });
        var customer = await zoetrope.Api.CreateCustomerAsync(mode: "live");
        return await zoetrope.Api.GenerateAsync(customer, new { model = "seedream-4-5-text-to-image", input = new { prompt = "a", seed = 7 } });
    }

    private async Task<Reply> TwiceAsync(object limits)
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: limits);
        var id = await StartAsync(customer, "[[never-finishes]]");
        var second = await Api.GenerateAsync(customer, Request("a"));
        (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}", customer.Key)).Expect(200);
        return second;
    }

    private static async Task<Reply> StreamsAsync()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Streams:MaxPerKey"] = "1" } });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        await using var open = await EventReader.OpenAsync(zoetrope.Api, customer, "/api/v1/events");
        return await zoetrope.Api.GetAsync(customer, "/api/v1/events");
    }

    private async Task<Reply> NoResultAsync()
    {
        var id = await StartAsync(Customer, "[[fail]]");
        return await Api.GetAsync(Customer, $"/api/v1/tasks/{id}/download");
    }

    // Somebody else's hand in the database: the one way to a failure of our own.
    private async Task<Reply> BrokenSchemaAsync()
    {
        var database = (Database)server.Zoetrope.Services.GetService(typeof(Database))!;
        await database.InTransactionAsync(tx => tx.ExecuteAsync("alter table idempotency_keys rename to hidden"));
        try
        {
            return await Api.GenerateAsync(Customer, Request("a"), "broken");
        }
        finally
        {
            await database.InTransactionAsync(tx => tx.ExecuteAsync("alter table hidden rename to idempotency_keys"));
        }
    }

    private static async Task<Reply> DatabaseGoneAsync()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = SqlDialect.Postgres });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var database = new NpgsqlConnectionStringBuilder(zoetrope.Postgres).Database;
        await TestPostgres.ExecuteAsync($"alter database {database} with allow_connections false");
        await TestPostgres.ExecuteAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'");
        Reply reply;
        try
        {
            reply = await zoetrope.Api.GetAsync(customer, "/api/v1/credits");
        }
        finally
        {
            await TestPostgres.ExecuteAsync($"alter database {database} with allow_connections true");
        }

        // It comes back by itself.
        (await zoetrope.Api.GetAsync(customer, "/api/v1/credits")).Expect(200);
        return reply;
    }

    public sealed class Server : IAsyncLifetime
    {
        internal TestZoetrope Zoetrope { get; private set; } = null!;

        internal Customer Customer { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Logging:Level"] = "None", ["Egress:AllowedPrivateHosts"] = "127.0.0.1" } });
            Customer = await Zoetrope.Api.CreateCustomerAsync();
        }

        public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
    }
}
