using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Tests.HttpFilters;
using HappyEyeballs = Envoy.Config.Cluster.V3.UpstreamConnectionOptions.Types.HappyEyeballsConfig;

namespace Weft.Proxy.Tests.Clusters;

public sealed class AddressOrderTests
{
    [Theory]
    [InlineData("first_address_family_count: 2", "1.0.0.1 1.0.0.2 ::1 1.0.0.3 ::2 ::3")]
    [InlineData("first_address_family_version: V6", "::1 1.0.0.1 ::2 1.0.0.2 ::3 1.0.0.3")]
    [InlineData("first_address_family_version: V6, first_address_family_count: 3", "::1 ::2 ::3 1.0.0.1 1.0.0.2 1.0.0.3")]
    [InlineData("first_address_family_version: V4, first_address_family_count: 9", "1.0.0.1 1.0.0.2 1.0.0.3 ::1 ::2 ::3")]
    public void So_many_of_one_family_come_before_one_of_the_other(string config, string expected)
    {
        var order = AddressOrder.Create(Filters.Read<HappyEyeballs>(config))!;
        var sorted = order.Sort(Ip("1.0.0.1"), [Ip("::1"), Ip("1.0.0.2"), Ip("::2"), Ip("1.0.0.3"), Ip("::3")]);
        Assert.Equal(expected.Split(' ').Select(Ip), sorted);
    }

    [Fact]
    public void What_is_usual_needs_no_sorting() => Assert.Null(AddressOrder.Create(new HappyEyeballs { FirstAddressFamilyCount = 1 }));

    private static NetAddress Ip(string text) => NetAddress.FromIP(System.Net.IPAddress.Parse(text), 80);
}
