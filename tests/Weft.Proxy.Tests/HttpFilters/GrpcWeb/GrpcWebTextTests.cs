using System.Text;
using Weft.Proxy.HttpFilters.GrpcWeb;

namespace Weft.Proxy.Tests.HttpFilters.GrpcWeb;

public sealed class GrpcWebTextTests
{
    private readonly GrpcWebText _text = new();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Base64_in_pieces_is_decoded(int size)
    {
        var coded = Encoding.ASCII.GetBytes(Convert.ToBase64String("some message"u8));
        var decoded = new List<byte>();
        for (var at = 0; at < coded.Length; at += size)
        {
            var length = Math.Min(size, coded.Length - at);
            Assert.True(_text.TryDecode(coded.AsSpan(at, length), at + length == coded.Length, out var piece));
            decoded.AddRange(piece);
        }

        Assert.Equal("some message", Encoding.ASCII.GetString([.. decoded]));
    }

    [Theory]
    [InlineData("AAA")]
    [InlineData("A?AA")]
    public void What_is_no_base64_is_refused(string text) => Assert.False(_text.TryDecode(Encoding.ASCII.GetBytes(text), isLast: true, out _));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public void Each_frame_is_encoded_by_itself_as_it_comes(int size)
    {
        byte[] first = [0, 0, 0, 0, 2, 7, 8];
        byte[] second = [0x80, 0, 0, 0, 4, 1, 2, 3, 4];
        byte[] body = [.. first, .. second];
        var coded = new StringBuilder();
        for (var at = 0; at < body.Length; at += size)
            coded.Append(Encoding.ASCII.GetString(_text.EncodeFrames(body.AsSpan(at, Math.Min(size, body.Length - at)))));
        Assert.Equal(Convert.ToBase64String(first) + Convert.ToBase64String(second), coded.ToString());
    }
}
