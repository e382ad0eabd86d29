using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Catalog;
using Zoetrope.Tests.Catalog;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Doors;
using Zoetrope.Server.Doors.Admin;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.VicSee;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Operator;
using Zoetrope.Server.People;
using Zoetrope.Server.People.Mail;
using Zoetrope.Server.People.Outside;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Admin;

/// <summary>The account and Admin endpoints behind the real middleware on a real socket, with a few endpoints that misbehave.</summary>
internal sealed class DoorHost : IAsyncDisposable
{
    public const string AdminKey = "operator-key-for-these-tests";

    private readonly HttpClient _client;

    private DoorHost(TestDatabase database, WebApplication app, FakeTimeProvider time)
    {
        Db = database;
        App = app;
        Time = time;
        _client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public TestDatabase Db { get; }

    public WebApplication App { get; }

    public FakeTimeProvider Time { get; }

    public static async Task<DoorHost> StartAsync(SqlDialect dialect = SqlDialect.Sqlite)
    {
        var database = await TestDatabase.CreateAsync(dialect);
        var time = new FakeTimeProvider(new DateTimeOffset(2024, 12, 27, 12, 0, 0, TimeSpan.Zero));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(time).AddSingleton(database.Database);
        builder.Services.AddSingleton(new CatalogHolder(Ask.Catalog));
        builder.Services.AddSingleton(new CreditAlerts(database.Database, byDefault: 0));
        builder.Services.AddSingleton(new OAuthAddress("")).AddDoors().AddAccounts().AddPeople(new OutsideOptions(), new MailOptions(), database.DataDirectory).AddLedger().AddOperator(new AdminOptions { Key = AdminKey }, new BootstrapOptions(), database.DataDirectory);

        var app = builder.Build();
        app.UseProblems();
        app.UseRouting();
        app.UseCallers();
        app.MapAccountEndpoints();
        app.MapAdmin();
        app.MapGet("/test/forgotten", () => "secret");
        app.MapGet("/test/boom", string () => throw new InvalidOperationException("secret detail")).RequireCaller(Scopes.Read);
        app.MapGet("/test/open", () => "hello").AllowAnonymousCaller("a test");
        app.MapPost("/test/generate", () => "started").RequireCaller(Scopes.Generate);
        app.MapPost("/test/json", async Task<Answer> (HttpContext context) =>
        {
            if ((await JsonBody.ReadAsync(context)).Failed(out var problem, out var body))
            {
                return problem;
            }

            using (body)
            {
                return Answer.Of(TypedResults.Text(body.RootElement.GetRawText()));
            }
        }).WithBodyLimit(1000).AllowAnonymousCaller("a test");
        await app.StartAsync();
        return new DoorHost(database, app, time);
    }

    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? key = null, object? body = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return _client.SendAsync(request);
    }

    /// <summary>Sends as the operator and returns the answer's <c>data</c>.</summary>
    public async Task<JsonElement> AdminAsync(HttpMethod method, string path, object? body = null, params (string, string)[] headers)
    {
        using var response = await SendAsync(method, $"/admin/v1{path}", AdminKey, body, headers);
        var json = await ReadAsync(response);
        Assert.True(json.GetProperty("success").GetBoolean(), json.GetRawText());
        return json.GetProperty("data");
    }

    /// <summary>Sends as the operator and returns the code of the refusal.</summary>
    public async Task<(int Status, string Code, string? Field)> RefusedAsync(HttpMethod method, string path, object? body = null, params (string, string)[] headers)
    {
        using var response = await SendAsync(method, $"/admin/v1{path}", AdminKey, body, headers);
        return await RefusalAsync(response);
    }

    public static async Task<(int Status, string Code, string? Field)> RefusalAsync(HttpResponseMessage response)
    {
        var json = await ReadAsync(response);
        Assert.False(json.GetProperty("success").GetBoolean());
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Single(response.Headers.GetValues("X-Request-Id"));
        var error = json.GetProperty("error");
        return ((int)response.StatusCode, error.GetProperty("code").GetString()!, error.TryGetProperty("field", out var field) ? field.GetString() : null);
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await App.DisposeAsync();
        await Db.DisposeAsync();
    }
}
