using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting;

/// <summary>The link that makes the operator, as a start and a command print it.</summary>
public sealed class OperatorLinkTests
{
    [Fact]
    public async Task A_start_prints_a_link_until_there_is_an_operator_and_a_command_prints_another_that_ends_it()
    {
        await using var server = await ServerProcess.StartAsync();
        var first = TokenOf(server.Output);
        Assert.DoesNotContain("welcome#", server.Output.Split("ready\n")[1], StringComparison.Ordinal);
        await using var command = ChildProcess.StartAssembly("Zoetrope.Server.dll", ["operator", "link"], new Dictionary<string, string?>
        {
            ["ZOETROPE_DATA"] = server.DataDirectory,
            ["ZOETROPE_URLS"] = server.Address.ToString(),
        });
        Assert.Equal(0, await command.ExitCodeAsync(Until.Patience));
        Assert.Matches(new Regex($"^http://localhost:{server.Address.Port}/welcome#[A-Za-z0-9_-]{{43}}\n$"), command.StandardOutput);
        var second = TokenOf(command.StandardOutput);

        Assert.Equal("LINK_NOT_VALID", (await WelcomeAsync(server, first)).Code);
        var welcome = (await WelcomeAsync(server, second)).Expect(200).Data;
        Assert.Equal(("The studio", "owner"), (welcome.GetProperty("membership").GetProperty("accountName").GetString(), welcome.GetProperty("membership").GetProperty("role").GetString()));
        Assert.Equal("LINK_NOT_VALID", (await WelcomeAsync(server, second)).Code);

        // The first account is the one of the first key.
        var key = File.ReadAllText(Path.Combine(server.DataDirectory, "first-key.txt")).Trim();
        (await server.Api.SendAsync(HttpMethod.Get, "/api/v1/credits", key)).Expect(200);
        await server.TerminateAsync();
        await server.ExitCodeAsync(Until.Patience);
        await server.StartAgainAsync();
        Assert.DoesNotContain("welcome#", server.Output, StringComparison.Ordinal);
    }

    private static string TokenOf(string output) => Regex.Match(output, "http://localhost:[0-9]+/welcome#([A-Za-z0-9_-]{43})").Groups[1].Value;

    private static Task<Reply> WelcomeAsync(ServerProcess server, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/welcome")
        {
            Content = new StringContent(JsonSerializer.Serialize(new { token, name = "Ada", email = "ada@example.com", password = TestBrowser.Password, accountName = "The studio" }), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Origin", server.Address.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("X-Zoetrope-Studio", "1");
        return server.Api.SendAsync(request);
    }
}
