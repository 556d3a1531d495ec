using Weft.Proxy.Dns;

namespace Weft.Proxy.Tests.Dns;

public sealed class DnsNameTests
{
    [Theory]
    [InlineData("web", "web")]
    [InlineData("Web.Example.COM", "web.example.com")]
    [InlineData("web.example.com.", "web.example.com")]
    [InlineData("_http._tcp.x", "_http._tcp.x")]
    public void A_name_is_taken_in_lower_case_and_without_its_final_dot(string text, string expected)
    {
        Assert.True(DnsName.TryParse(text, out var name));
        Assert.Equal(expected, name.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a..")]
    [InlineData("a b")]
    [InlineData("bücher.example")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.com")]
    public void What_cannot_be_asked_for_is_refused(string text) => Assert.False(DnsName.TryParse(text, out _));

    [Fact]
    public void A_name_may_have_255_bytes_on_the_wire_and_not_one_more()
    {
        var label = new string('x', 63);
        Assert.True(DnsName.TryParse($"{label}.{label}.{label}.{new string('y', 61)}", out var longest));
        Assert.Equal(255, longest.Wire.Length);
        Assert.False(DnsName.TryParse($"{label}.{label}.{label}.{new string('y', 62)}", out _));
    }

    [Fact]
    public void Names_that_differ_in_case_are_equal()
    {
        Assert.True(DnsName.TryParse("WEB.example", out var one));
        Assert.True(DnsName.TryParse("web.EXAMPLE", out var other));
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
    }

    [Fact]
    public void A_compressed_name_is_followed_and_the_position_moves_behind_its_pointer()
    {
        byte[] message = [3, (byte)'c', (byte)'o', (byte)'m', 0, 1, (byte)'A', 0xC0, 0, 99];
        var position = 5;
        Assert.True(DnsName.TryRead(message, ref position, out var name));
        Assert.Equal("a.com", name.ToString());
        Assert.Equal(9, position);
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 0 }, 0)] // to itself
    [InlineData(new byte[] { 0xC0, 2, 0xC0, 0 }, 2)] // forward from the target: a loop
    [InlineData(new byte[] { 1, 65, 0xC0, 0 }, 0)] // to its own start
    [InlineData(new byte[] { 0xC0, 4, 0, 0, 1, 65, 0 }, 0)] // forward
    [InlineData(new byte[] { 5, 65, 66 }, 0)] // a label cut off
    [InlineData(new byte[] { 1, 65 }, 0)] // no end
    [InlineData(new byte[] { 0, 0xC0 }, 1)] // half a pointer
    [InlineData(new byte[] { 0x41, 65, 0 }, 0)] // reserved label type
    [InlineData(new byte[] { 0x81, 65, 0 }, 0)] // reserved label type
    public void A_broken_name_is_refused(byte[] message, int position) => Assert.False(DnsName.TryRead(message, ref position, out _));

    [Fact]
    public void Pointers_cannot_make_a_name_longer_than_255_bytes()
    {
        // A chain of labels, each followed by a pointer to the one before it.
        var message = new List<byte> { 0 };
        var previous = 0;
        var starts = new List<int>();
        for (var i = 0; i < 10; i++)
        {
            starts.Add(message.Count);
            message.Add(40);
            message.AddRange(Enumerable.Repeat((byte)'x', 40));
            message.AddRange([(byte)(0xC0 | (previous >> 8)), (byte)previous]);
            previous = starts[^1];
        }
        var array = message.ToArray();
        var five = starts[4];
        Assert.True(DnsName.TryRead(array, ref five, out _));
        var ten = starts[9];
        Assert.False(DnsName.TryRead(array, ref ten, out _));
    }
}
