using Weft.Proxy.Runtime;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.Runtime;

public class RuntimeSnapshotTests
{
    [Theory]
    [InlineData("5", 5UL)]
    [InlineData(" 5 \n", 5UL)]
    [InlineData("5.9", 5UL)]
    [InlineData("1e3", 1000UL)]
    [InlineData("-1", 99UL)]
    [InlineData("text", 99UL)]
    [InlineData("true", 99UL)]
    public void Integers_are_read(string text, ulong expected) => Assert.Equal(expected, Routes.Runtime(("k", text)).GetInteger("k", 99));

    [Theory]
    [InlineData("true", false, true)]
    [InlineData("False", true, false)]
    [InlineData("1", false, true)]
    [InlineData("0", true, false)]
    [InlineData("2.5", true, true)]
    [InlineData("text", true, true)]
    public void Flags_are_read(string text, bool defaultValue, bool expected) => Assert.Equal(expected, Routes.Runtime(("k", text)).GetBool("k", defaultValue));

    [Theory]
    [InlineData("2.5", 2.5)]
    [InlineData("x", 9.0)]
    public void Numbers_are_read(string text, double expected) => Assert.Equal(expected, Routes.Runtime(("k", text)).GetDouble("k", 9));

    [Theory]
    [InlineData("50", 49, true)]
    [InlineData("50", 50, false)]
    [InlineData("50", 150, false)]
    [InlineData("0", 0, false)]
    [InlineData("101", 100, true)]
    [InlineData("{numerator: 1}", 0, true)]
    [InlineData("{numerator: 1}", 1, false)]
    [InlineData("{\"numerator\": 5, \"denominator\": \"TEN_THOUSAND\"}", 10_004, true)]
    [InlineData("{numerator: 5, denominator: TEN_THOUSAND}", 5, false)]
    [InlineData("{numerator: 5, denominator: BAD}", 19, true)]
    [InlineData("{numerator: 5, other: 1}", 19, true)]
    [InlineData("text", 19, true)]
    [InlineData("text", 20, false)]
    public void A_key_overrides_a_fraction(string text, ulong random, bool enabled)
        => Assert.Equal(enabled, Routes.Runtime(("k", text)).IsEnabled(new RuntimeFraction("k", 20, 100), random));

    [Fact]
    public void A_fraction_without_a_key_is_fixed()
    {
        var runtime = Routes.Runtime(("", "100"));
        Assert.False(runtime.IsEnabled(new RuntimeFraction("", 0, 100), 0));
        Assert.True(runtime.IsEnabled(new RuntimeFraction(null, 200, 100), 99));
        Assert.True(RuntimeSnapshot.Empty.IsEnabled(RuntimeFraction.Always, ulong.MaxValue));
    }
}
