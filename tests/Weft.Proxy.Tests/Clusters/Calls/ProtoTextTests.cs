using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.Tests.Clusters.Calls;

public sealed class ProtoTextTests
{
    [Fact]
    public void A_text_that_is_not_UTF_8_becomes_one()
    {
        var output = new ByteWriter();
        output.WriteText(5, [(byte)'a', 0xe9, (byte)'b']);
        output.WriteText(6, "é"u8);
        var input = new CodedInputStream(output.Written.ToArray());
        Assert.Equal(5u << 3 | 2, input.ReadTag());
        Assert.Equal("a?b", input.ReadString());
        Assert.Equal(6u << 3 | 2, input.ReadTag());
        Assert.Equal("é", input.ReadString());
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(127ul)]
    [InlineData(128ul)]
    [InlineData(16383ul)]
    [InlineData(16384ul)]
    [InlineData(ulong.MaxValue)]
    public void Numbers_are_as_long_as_it_says(ulong value)
    {
        var output = new ByteWriter();
        output.WriteNumber(1, value);
        Assert.Equal(1 + ProtoText.SizeOf(value), output.Length);
        var input = new CodedInputStream(output.Written.ToArray());
        input.ReadTag();
        Assert.Equal(value, input.ReadUInt64());
    }
}
