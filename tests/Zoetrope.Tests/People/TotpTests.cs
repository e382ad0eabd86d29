using System.Text;
using Zoetrope.Server.People;

namespace Zoetrope.Tests.People;

public sealed class TotpTests
{
    // The table of RFC 6238, of which our codes are the last six digits.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    public void Codes_are_those_of_the_standard(long seconds, string code)
    {
        var secret = Encoding.ASCII.GetBytes("12345678901234567890");
        var now = DateTimeOffset.FromUnixTimeSeconds(seconds);

        Assert.Equal(code, Totp.CodeAt(secret, now));
        Assert.Equal(seconds / 30, Totp.StepOf(secret, $" {code[..3]} {code[3..]}", now.AddSeconds(29)));
        Assert.Equal(seconds / 30, Totp.StepOf(secret, code, now.AddSeconds(-30)));
        Assert.Null(Totp.StepOf(secret, code, now.AddSeconds(60)));
        Assert.Null(Totp.StepOf(secret, "", now));
        Assert.Equal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Totp.Text(secret));
    }
}
