using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Validate;
using Weft.Config.Rules;

namespace Weft.Config.Tests.Checks;

/// <summary>Each kind of rule by itself.</summary>
public sealed class RuleKindTests
{
    private static string? Test(FieldRules rules, object value) => ValueRules.Compile(null!, rules)!(value);

    [Theory]
    [InlineData("{\"min_len\": 2}", "é", "value length must be at least 2 characters")]
    [InlineData("{\"max_len\": 1}", "ab", "value length must be at most 1 characters")]
    [InlineData("{\"len\": 1}", "ab", "value length must be 1 characters")]
    [InlineData("{\"max_bytes\": 1}", "é", "value length must be at most 1 bytes")]
    [InlineData("{\"min_bytes\": 2}", "a", "value length must be at least 2 bytes")]
    [InlineData("{\"len_bytes\": 2}", "a", "value length must be 2 bytes")]
    [InlineData("{\"const\": \"a\"}", "b", "value must equal \"a\"")]
    [InlineData("{\"prefix\": \"a\"}", "b", "value does not have prefix \"a\"")]
    [InlineData("{\"suffix\": \"a\"}", "b", "value does not have suffix \"a\"")]
    [InlineData("{\"contains\": \"a\"}", "b", "value does not contain substring \"a\"")]
    [InlineData("{\"not_contains\": \"b\"}", "b", "value contains substring \"b\"")]
    [InlineData("{\"pattern\": \"^a+$\"}", "b", "value does not match regex pattern \"^a+$\"")]
    [InlineData("{\"in\": [\"a\", \"c\"]}", "b", "value must be in list [a, c]")]
    [InlineData("{\"not_in\": [\"b\"]}", "b", "value must not be in list [b]")]
    [InlineData("{\"ip\": true}", "1.2.3", "value must be a valid IP address")]
    [InlineData("{\"ipv4\": true}", "::1", "value must be a valid IPv4 address")]
    [InlineData("{\"ipv6\": true}", "1.2.3.4", "value must be a valid IPv6 address")]
    [InlineData("{\"hostname\": true}", "-a", "value must be a valid hostname")]
    [InlineData("{\"address\": true}", "a_b", "value must be a valid hostname, or ip address")]
    [InlineData("{\"email\": true}", "a@", "value must be a valid email address")]
    [InlineData("{\"uri\": true}", "x", "value must be a valid absolute URI")]
    [InlineData("{\"uuid\": true}", "x", "value must be a valid UUID")]
    [InlineData("{\"well_known_regex\": \"HTTP_HEADER_NAME\", \"strict\": true}", "a b", "value must be a valid HTTP header name")]
    [InlineData("{\"well_known_regex\": \"HTTP_HEADER_VALUE\", \"strict\": false}", "a\r\nb", "value must be a valid HTTP header string without NUL, CR and LF")]
    public void Text_rules(string rules, string value, string wrong)
        => Assert.Equal(wrong, Test(new FieldRules { String = StringRules.Parser.ParseJson(rules) }, value));

    [Theory]
    [InlineData("{\"min_len\": 1}", "é")]
    [InlineData("{\"ip\": true}", "::1")]
    [InlineData("{\"hostname\": true}", "a.b-c.d")]
    [InlineData("{\"well_known_regex\": \"HTTP_HEADER_NAME\"}", ":path")]
    [InlineData("{\"uuid\": true}", "123e4567-e89b-12d3-a456-426614174000")]
    public void Text_that_passes(string rules, string value) => Assert.Null(Test(new FieldRules { String = StringRules.Parser.ParseJson(rules) }, value));

    [Theory]
    [InlineData("{\"gt\": 0}", 0u, "value must be greater than 0")]
    [InlineData("{\"gte\": 1}", 0u, "value must be greater than or equal to 1")]
    [InlineData("{\"lt\": 5}", 5u, "value must be less than 5")]
    [InlineData("{\"lte\": 5}", 6u, "value must be less than or equal to 5")]
    [InlineData("{\"gt\": 0, \"lte\": 5}", 6u, "value must be inside range (0, 5]")]
    [InlineData("{\"gte\": 5, \"lt\": 3}", 4u, "value must be outside range [5, 3)")]
    [InlineData("{\"const\": 5}", 4u, "value must equal 5")]
    [InlineData("{\"in\": [1, 2]}", 4u, "value must be in list [1, 2]")]
    [InlineData("{\"not_in\": [4]}", 4u, "value must not be in list [4]")]
    public void Number_rules(string rules, uint value, string wrong)
        => Assert.Equal(wrong, Test(new FieldRules { Uint32 = UInt32Rules.Parser.ParseJson(rules) }, value));

    [Theory]
    [InlineData(6u)]
    [InlineData(2u)]
    public void A_range_turned_round_asks_for_a_value_outside(uint value)
        => Assert.Null(Test(new FieldRules { Uint32 = new UInt32Rules { Gte = 5, Lt = 3 } }, value));

    [Fact]
    public void Fractions_and_large_numbers_are_compared_exactly()
    {
        Assert.Equal("value must be less than or equal to 100", Test(new FieldRules { Double = new DoubleRules { Lte = 100 } }, 100.5));
        Assert.Equal("value must be less than 9223372036854775807", Test(new FieldRules { Int64 = new Int64Rules { Lt = long.MaxValue } }, long.MaxValue));
        Assert.Null(Test(new FieldRules { Uint64 = new UInt64Rules { Lte = ulong.MaxValue } }, ulong.MaxValue));
    }

    [Theory]
    [InlineData("{\"gte\": \"1s\"}", "value must be greater than or equal to 1s")]
    [InlineData("{\"gt\": \"0.5s\"}", "value must be greater than 0.5s")]
    [InlineData("{\"lt\": \"0.001s\"}", "value must be less than 0.001s")]
    [InlineData("{\"lte\": \"0s\"}", "value must be less than or equal to 0s")]
    [InlineData("{\"const\": \"1s\"}", "value must equal 1s")]
    [InlineData("{\"in\": [\"1s\", \"2s\"]}", "value must be in list [1s, 2s]")]
    public void Duration_rules(string rules, string wrong)
        => Assert.Equal(wrong, Test(new FieldRules { Duration = DurationRules.Parser.ParseJson(rules) }, new Duration { Nanos = 500_000_000 }));

    [Theory]
    [InlineData("{\"min_len\": 2}", "value length must be at least 2 bytes")]
    [InlineData("{\"max_len\": 0}", "value length must be at most 0 bytes")]
    [InlineData("{\"prefix\": \"Yg==\"}", "value does not have the given prefix")]
    public void Byte_rules(string rules, string wrong)
        => Assert.Equal(wrong, Test(new FieldRules { Bytes = BytesRules.Parser.ParseJson(rules) }, ByteString.CopyFromUtf8("a")));

    [Fact]
    public void Any_and_bool_rules()
    {
        Assert.Equal("type URL must be in list [a]", Test(new FieldRules { Any = new AnyRules { In = { "a" } } }, new Any { TypeUrl = "b" }));
        Assert.Equal("value must equal true", Test(new FieldRules { Bool = new BoolRules { Const = true } }, false));
    }
}
