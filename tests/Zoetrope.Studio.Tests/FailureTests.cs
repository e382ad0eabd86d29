using System.Globalization;
using System.Text.RegularExpressions;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Tests;

/// <summary>Whatever the server can answer, a person reads what was wrong, what helps and what it cost.</summary>
public sealed partial class FailureTests
{
    [Theory]
    [InlineData("en", "charged|paid nothing")]
    [InlineData("de", "berechnet|nichts bezahlt")]
    public void Every_code_has_words_an_action_and_a_sentence_about_money(string language, string money)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        var codes = Code().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/errors.md"))).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.True(codes.Count > 60, $"Only {codes.Count} codes.");
        foreach (var code in codes)
        {
            var failure = Failures.Of(code, "why");
            Assert.True(failure is not null, $"{code} has no words.");
            Assert.All([failure!.Words, failure.Action, failure.Money], text => Assert.Matches(@"^\S.*[.\w]$", text));
            Assert.Matches(money, failure.Money);
            Assert.DoesNotContain("{", failure.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_the_server_says_of_a_field_is_kept_and_a_code_that_is_newer_than_the_page_is_not_lost()
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");

        Assert.Equal("Something does not fit: url must begin with https://. Change it, and send again.", Failures.Words(Refused("INVALID_PARAMETER", "url must begin with https://.")));
        Assert.Equal("The moon is full.", Failures.Words(Refused("MOON", "The moon is full.")));
        Assert.EndsWith("nothing was charged.", Failures.PaidWords(Refused("RATE_LIMITED", "Too fast.")), StringComparison.Ordinal);
        Assert.Equal("Not connected. What you have written is kept.", Failures.Words(new ZoetropeConnectionException("", null, null)));
    }

    private static ZoetropeRefusedException Refused(string code, string message) => new(400, new ErrorBody(code, message, false), null, null);

    [GeneratedRegex(@"^\| `([A-Z][A-Z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Code();
}
