using Zoetrope.Server.Hosting;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers;

/// <summary>A key with a character that no header can carry stops the start, in one line that does not show it.</summary>
public sealed class ProviderKeyTests
{
    private const string Start = "sk-live-secret";

    public static TheoryData<string, string, string> Bad => new()
    {
        { "bfl", $"{Start}\u200B-0123", "U+200B" },
        { "fal", $"\uFEFF{Start}-0123", "U+FEFF" },
        { "openai", $"{Start}\u00E9", "U+00E9" },
        { "gemini", $"{Start} 0123", "U+0020" },
        { "kling", $"access:\u2028{Start}", "U+2028" },
        { "ark", $"good-key,{Start}\u00A0x*3", "U+00A0" },
        { "replicate", $"{Start}\n0123", "U+000A" },
        { "minimax", $"{Start}\uD83D\uDE00", "U+1F600" },
        { "vicsee", $"\u201C{Start}\u201D", "U+201C" },
        { "vertex", $"/etc/{Start}\u200B.json", "U+200B" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task The_start_names_the_variable_and_the_character_and_never_the_key(string provider, string key, string character)
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { [$"Providers:{provider}:ApiKey"] = key } }));

        Assert.Equal(("INVALID_SETTING", 2), (refused.Code, refused.ExitCode));
        Assert.Contains($"Zoetrope__Providers__{provider}__ApiKey", refused.Message, StringComparison.Ordinal);
        Assert.Contains(character, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Start, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }
}
