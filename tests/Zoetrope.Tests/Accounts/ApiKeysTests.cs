using Zoetrope.Server;
using Zoetrope.Server.Accounts;

namespace Zoetrope.Tests.Accounts;

public sealed class ApiKeysTests
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    [Fact]
    public void New_keys_are_well_formed_and_different()
    {
        var keys = Enumerable.Range(0, 1000).Select(i => ApiKeys.New((KeyMode)(i % 2))).ToList();

        Assert.All(keys, key => Assert.Equal(KeyShape.WellFormed, ApiKeys.ShapeOf(key)));
        Assert.Equal(1000, keys.Distinct().Count());
        Assert.StartsWith("sk-test-", keys[0], StringComparison.Ordinal);
        Assert.StartsWith("sk-live-", keys[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_wrong_character_is_always_noticed()
    {
        var key = ApiKeys.New(KeyMode.Test);
        for (var i = 0; i < key.Length; i++)
        {
            foreach (var character in Base62 + "-_ é\0")
            {
                if (character != key[i])
                {
                    Assert.NotEqual(KeyShape.WellFormed, ApiKeys.ShapeOf($"{key[..i]}{character}{key[(i + 1)..]}"));
                }
            }
        }
    }

    [Fact]
    public void A_hundred_thousand_mutated_keys_are_refused_by_their_text()
    {
        var random = new Random(20261122);
        var key = ApiKeys.New(KeyMode.Live);
        for (var i = 0; i < 100_000; i++)
        {
            var text = key.ToCharArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = i % 3 == 0 ? (char)random.Next(char.MaxValue) : Base62[random.Next(Base62.Length)];
            }

            var mutated = (i % 7) switch { 0 => new string(text)[..random.Next(text.Length)], 1 => new string(text) + Base62[random.Next(62)], _ => new string(text) };
            if (mutated != key)
            {
                Assert.NotEqual(KeyShape.WellFormed, ApiKeys.ShapeOf(mutated));
            }
        }
    }

    [Theory]
    [InlineData("123456789", 0xCBF43926)]
    [InlineData("", 0)]
    public void Crc32_is_the_standard_one(string text, uint expected) => Assert.Equal(expected, Crc32.Of(text));

    [Theory]
    [InlineData("")]
    [InlineData("SK-test-")]
    [InlineData("pk-something")]
    public void Text_that_does_not_begin_like_a_key_is_no_key(string text) => Assert.Equal(KeyShape.NotAKey, ApiKeys.ShapeOf(text));

    [Fact]
    public void What_is_shown_leaves_the_secret_secret()
    {
        var key = ApiKeys.New(KeyMode.Test);

        Assert.Equal(12, ApiKeys.Shown(key).Length);
        Assert.StartsWith(ApiKeys.Shown(key), key, StringComparison.Ordinal);
        Assert.DoesNotContain(key, new CreatedKey(new ApiKey("key_1", "", 0, "", "", 0, null, null, 0, null, null), key).ToString(), StringComparison.Ordinal);
    }
}
