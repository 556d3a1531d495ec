using Envoy.Config.Cluster.V3;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Tests.Bootstrap;

public sealed class WrittenMessageTests
{
    [Fact]
    public void A_message_is_the_same_after_only_its_bytes_are_kept()
    {
        var message = new Cluster { Name = "web", ConnectTimeout = new() { Seconds = 5 } };
        var written = new WrittenMessage<Cluster>(message);
        Assert.Same(message, written.Message);
        Assert.Equal(message, written.ToAny().Unpack<Cluster>());
        written.Pack();
        Assert.NotSame(message, written.Message);
        Assert.Equal(message, written.Message);
        Assert.Equal(message, written.ToAny().Unpack<Cluster>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Another_message_is_told_apart(bool isPacked)
    {
        var written = new WrittenMessage<Cluster>(new Cluster { Name = "web", AltStatName = "w" });
        if (isPacked)
            written.Pack();
        Assert.True(written.Is(new Cluster { Name = "web", AltStatName = "w" }));
        Assert.False(written.Is(new Cluster { Name = "web", AltStatName = "v" }));
        Assert.False(written.Is(new Cluster { Name = "web" }));
    }

    [Fact]
    public void The_order_in_which_a_map_is_written_does_not_matter()
    {
        var (one, other) = (new Cluster { Name = "a" }, new Cluster { Name = "a" });
        foreach (var key in (string[])["x", "y"])
            one.TypedExtensionProtocolOptions.Add(key, new() { TypeUrl = key });
        foreach (var key in (string[])["y", "x"])
            other.TypedExtensionProtocolOptions.Add(key, new() { TypeUrl = key });
        var written = new WrittenMessage<Cluster>(one);
        written.Pack();
        Assert.True(written.Is(other));
    }
}
