using Zoetrope.Server.Vouchers;

namespace Zoetrope.Tests.Vouchers;

/// <summary>A code that was copied wrong is noticed before anybody is asked about it.</summary>
public sealed class VoucherCodeTests
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    [Fact]
    public void Every_wrong_character_and_every_two_that_changed_places_are_noticed()
    {
        for (var i = 0; i < 50; i++)
        {
            var code = VoucherCode.New();
            Assert.Equal(code, VoucherCode.Read(VoucherCode.Text(code)));
            Assert.Equal(code, VoucherCode.Read(VoucherCode.Text(code).ToLowerInvariant().Replace('0', 'o').Replace('1', 'l')));
            for (var place = 0; place < code.Length; place++)
            {
                foreach (var other in Alphabet.Where(other => other != code[place]))
                {
                    Assert.Null(VoucherCode.Read($"{code[..place]}{other}{code[(place + 1)..]}"));
                }

                if (place > 0 && code[place] != code[place - 1])
                {
                    Assert.Null(VoucherCode.Read($"{code[..(place - 1)]}{code[place]}{code[place - 1]}{code[(place + 1)..]}"));
                }
            }
        }
    }

    [Fact]
    public void A_code_is_a_hundred_bits_in_three_groups()
    {
        var codes = Enumerable.Range(0, 1_000).Select(_ => VoucherCode.New()).ToList();
        Assert.Distinct(codes);
        Assert.All(codes, code => Assert.Matches("^[0-9A-HJKMNP-TV-Z]{7}(-[0-9A-HJKMNP-TV-Z]{7}){2}$", VoucherCode.Text(code)));
        for (var place = 0; place < 20; place++)
        {
            Assert.Equal(Alphabet.Length, codes.Select(code => code[place]).Distinct().Count());
        }
    }
}
