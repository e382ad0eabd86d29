using System.Text.Json;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OAuth;

/// <summary>The MCP project's own npm client finds its way from the bare address to a tool's answer, with a person who allows it on the page.</summary>
public sealed class OAuthMcpClientTests
{
    private const string Script =
        """
        import { Client } from '@modelcontextprotocol/sdk/client/index.js';
        import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
        import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';

        const [address, key] = process.argv.slice(2);
        const provider = {
          redirectUrl: 'http://127.0.0.1:45999/callback',
          clientMetadata: { client_name: 'npm client', redirect_uris: ['http://127.0.0.1:45999/callback'], token_endpoint_auth_method: 'none' },
          clientInformation() { return this.client; },
          saveClientInformation(client) { this.client = client; },
          tokens() { return this.kept; },
          saveTokens(tokens) { this.kept = tokens; },
          redirectToAuthorization(url) { this.page = url; },
          saveCodeVerifier(verifier) { this.verifier = verifier; },
          codeVerifier() { return this.verifier; },
        };

        // The person: looks at the page, pastes the key, allows.
        async function allow(page) {
          const shown = await fetch(page);
          const html = await shown.text();
          const form = new URLSearchParams([...html.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [name, decode(value)]));
          form.set('password', key); form.set('spend_per_day', '100'); form.set('ask_above', '50'); form.set('decision', 'allow');
          const answer = await fetch(new URL(/action="([^"]*)"/.exec(html)[1], page), {
            method: 'POST', body: form, redirect: 'manual', headers: { cookie: shown.headers.get('set-cookie').split(';')[0] },
          });
          return new URL(answer.headers.get('location')).searchParams.get('code');
        }

        const decode = text => text.replace(/&#x([0-9A-Fa-f]+);/g, (_, code) => String.fromCodePoint(parseInt(code, 16))).replace(/&quot;/g, '"').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

        async function credits() {
          const client = new Client({ name: 'test', version: '1' });
          await client.connect(new StreamableHTTPClientTransport(new URL(address), { authProvider: provider }));
          const result = await client.callTool({ name: 'vicsee_get_credits', arguments: {} });
          await client.close();
          return result;
        }

        const first = new StreamableHTTPClientTransport(new URL(address), { authProvider: provider });
        try {
          await new Client({ name: 'test', version: '1' }).connect(first);
          throw new Error('It was let in without a token.');
        } catch (error) {
          if (!(error instanceof UnauthorizedError)) throw error;
        }
        await first.finishAuth(await allow(provider.page));
        const before = await credits();

        // An access token that does not work any more: the client renews it by itself.
        const refresh = provider.kept.refresh_token;
        provider.kept = { ...provider.kept, access_token: provider.kept.access_token.slice(0, -6) + 'AAAAAA' };
        const after = await credits();
        console.log(JSON.stringify({ resource: provider.page.searchParams.get('resource'), failed: [before.isError ?? false, after.isError ?? false], text: after.content[0].text, renewed: refresh !== provider.kept.refresh_token, access: provider.kept.access_token }));
        """;

    [Theory]
    [InlineData("/mcp", 401)]
    [InlineData("/", 200)]
    public async Task The_npm_client_signs_in_and_renews(string path, int elsewhere)
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        var customer = await zoetrope.Api.CreateCustomerAsync(credits: 4711);

        var run = await NodePackages.RunScriptAsync(Script, [new Uri(zoetrope.Api.Address, path).AbsoluteUri, customer.Key]);

        Assert.True(run.ExitCode == 0, run.Output);
        var said = JsonDocument.Parse(run.StandardOutput.Trim().Split('\n')[^1]).RootElement;
        Assert.Equal(new Uri(zoetrope.Api.Address, path).AbsoluteUri.TrimEnd('/'), said.GetProperty("resource").GetString());
        Assert.Equal([false, false], said.GetProperty("failed").EnumerateArray().Select(item => item.GetBoolean()));
        Assert.Contains("4711", said.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.True(said.GetProperty("renewed").GetBoolean());

        // A token for /mcp is for /mcp.
        Assert.Equal(elsewhere, (await zoetrope.Api.GetAsync(customer with { Key = said.GetProperty("access").GetString()! }, "/api/v1/credits")).Status);
    }
}
