using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Mcp;

/// <summary>Keys that ask above some credits: the user is asked where the client can, and the call is refused where it cannot.</summary>
public sealed class McpConsentTests(McpConsentTests.Server server) : IClassFixture<McpConsentTests.Server>
{
    private const string Image = "nano-banana-text-to-image";

    private const string Script =
        """
        import { Client } from '@modelcontextprotocol/sdk/client/index.js';
        import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
        import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

        const [,, url, key] = process.argv;
        const client = new Client({ name: 'node', version: '1.0.0' }, { capabilities: { elicitation: {} } });
        let asked = 0, action = 'accept';
        client.setRequestHandler(ElicitRequestSchema, async () => { asked++; return action === 'accept' ? { action, content: {} } : { action }; });
        await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${key}` } } }));
        const generate = () => client.callTool({ name: 'vicsee_generate', arguments: { model: 'nano-banana-text-to-image', prompt: 'a red fox' } });
        const accepted = (await Promise.all([generate(), generate()])).map(result => result.structuredContent?.status ?? result.content[0].text);
        action = 'decline';
        const declined = (await generate()).content[0].text;
        await client.close();
        console.log(JSON.stringify({ asked, accepted, declined }));
        """;

    private ZoetropeApi Api => server.Zoetrope.Api;

    [Theory]
    [InlineData(null, "accept", null)]
    [InlineData(null, "decline", "CONFIRMATION_REQUIRED")]
    [InlineData(null, "cancel", "CONFIRMATION_REQUIRED")]
    [InlineData("2025-11-25", "accept", null)]
    [InlineData("2025-11-25", "decline", "CONFIRMATION_REQUIRED")]
    [InlineData("2025-06-18", "accept", null)]
    [InlineData("2025-06-18", "cancel", "CONFIRMATION_REQUIRED")]
    public async Task The_user_is_asked_and_decides(string? revision, string action, string? code)
    {
        var customer = await Api.CreateCustomerAsync(credits: 1_000, keyLimits: new { askAbove = 1 });
        var asked = new List<string>();
        await using var client = await McpClients.ConnectAsync(Api, customer.Key, Asking(asked, action, revision));

        var result = await client.CallAsync("vicsee_generate", new { model = Image, prompt = "a red fox" });

        var question = Assert.Single(asked);
        Assert.Contains("credits", question, StringComparison.Ordinal);
        Assert.Contains("needs your confirmation above 1", question, StringComparison.Ordinal);
        if (code is null)
        {
            Assert.Contains($"cost {result.Data().GetProperty("creditsUsed").GetInt64()} credits", question, StringComparison.Ordinal);
            await Api.WaitAsync(customer, result.Data().GetProperty("id").GetString()!);
            return;
        }

        Assert.Equal(code, result.Code());
        Assert.Equal(1_000, await Api.CreditsAsync(customer));
    }

    [Fact]
    public async Task Below_the_threshold_nobody_is_asked()
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: new { askAbove = 100_000 });
        var asked = new List<string>();
        await using var client = await McpClients.ConnectAsync(Api, customer.Key, Asking(asked, "decline", revision: null));

        var task = (await client.CallAsync("generate_and_wait", new { model = Image, prompt = "a red fox" })).Data();

        Assert.Equal("completed", task.GetProperty("status").GetString());
        Assert.Empty(asked);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("2025-11-25")]
    public async Task A_client_that_cannot_ask_is_refused_with_the_amount_unless_its_configuration_accepts_it(string? revision)
    {
        var customer = await Api.CreateCustomerAsync(credits: 1_000, keyLimits: new { askAbove = 1 });
        await using var client = await McpClients.ConnectAsync(Api, customer.Key, new McpClientOptions { ProtocolVersion = revision });
        var call = new { model = Image, prompt = "a red fox", idempotency_key = "k" };
        var price = (await client.CallAsync("estimate", new { model = Image, prompt = "a red fox" })).Data().GetProperty("credits").GetInt64();

        var refused = await client.CallAsync("vicsee_generate", call);

        Assert.Equal("CONFIRMATION_REQUIRED", refused.Code());
        Assert.Contains($"costs {price} credits", refused.Text(), StringComparison.Ordinal);
        await using var willing = await McpClients.ConnectAsync(
            Api, customer.Key, new McpClientOptions { ProtocolVersion = revision }, headers: new Dictionary<string, string> { ["Zoetrope-Confirm-Credits"] = $"{price}" });
        var made = (await willing.CallAsync("vicsee_generate", call)).Data();
        Assert.Equal(price, made.GetProperty("creditsUsed").GetInt64());
        await Api.WaitAsync(customer, made.GetProperty("id").GetString()!);
    }

    [Fact]
    public async Task The_days_cap_of_the_key_holds()
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: new { spendPerDay = 1 });
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);

        Assert.Equal("SPEND_CAP_REACHED", (await client.CallAsync("vicsee_generate", new { model = Image, prompt = "a red fox" })).Code());
    }

    [Fact]
    public async Task The_official_node_client_asks_its_user()
    {
        var customer = await Api.CreateCustomerAsync(credits: 1_000, keyLimits: new { askAbove = 1 });

        var run = await NodePackages.RunScriptAsync(Script, [new Uri(Api.Address, "/mcp").AbsoluteUri, customer.Key]);

        Assert.True(run.ExitCode == 0, run.Output);
        var told = JsonElement.Parse(run.StandardOutput);
        Assert.Equal(3, told.GetProperty("asked").GetInt32());
        Assert.Equal(["pending", "pending"], told.GetProperty("accepted").EnumerateArray().Select(item => item.GetString()));
        Assert.Contains("does not want to spend", told.GetProperty("declined").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("2025-11-25")]
    public async Task A_program_that_cannot_ask_is_told_what_the_person_can_do_and_of_no_header(string? revision)
    {
        var customer = await Api.CreateCustomerAsync();
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key, askAbove: "0");
        browser.Dispose();
        await using var client = await McpClients.ConnectAsync(Api, tokens.Access, new McpClientOptions { ProtocolVersion = revision });
        var id = (await Api.GetAsync(customer, "/api/v1/grants")).Expect(200).Data.GetProperty("grants")[0].GetProperty("id").GetString();

        var refused = await client.CallAsync("vicsee_generate", new { model = Image, prompt = "a red fox" });
        var atRest = await Api.GenerateAsync(customer with { Key = tokens.Access }, new { model = Image, prompt = "a red fox" });

        Assert.Equal(("CONFIRMATION_REQUIRED", "CONFIRMATION_REQUIRED"), (refused.Code(), atRest.Code));
        foreach (var text in new[] { refused.Text(), atRest.Text })
        {
            Assert.Contains($"zoetrope grants change {id} --ask-above ", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Zoetrope-Confirm-Credits", text, StringComparison.Ordinal);
        }
    }

    private static McpClientOptions Asking(List<string> asked, string action, string? revision) => new()
    {
        ProtocolVersion = revision,
        Capabilities = new ClientCapabilities { Elicitation = new ElicitationCapability() },
        Handlers = new McpClientHandlers
        {
            ElicitationHandler = (question, _) =>
            {
                asked.Add(question!.Message);
                return ValueTask.FromResult(new ElicitResult { Action = action });
            },
        },
    };

    /// <summary>One server for all of these.</summary>
    public sealed class Server : IAsyncLifetime
    {
        internal TestZoetrope Zoetrope { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Zoetrope = await TestZoetrope.StartAsync();

        public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
    }
}
