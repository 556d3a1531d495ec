using System.Globalization;
using System.Text;
using Weft.Base;
using Weft.Proxy.Tracing;

namespace Weft.Proxy.Tests.Tracing;

public sealed class HexTextTests
{
    [Fact]
    public void Ids_are_sixteen_lower_case_digits_that_read_back()
    {
        var random = new RandomSource(1);
        ulong[] ids = [0, 1, 9, 10, 15, 16, 0x0123456789abcdef, ulong.MaxValue, .. Enumerable.Range(0, 100).Select(_ => random.Next())];
        Span<byte> text = stackalloc byte[HexText.IdDigits];
        foreach (var id in ids)
        {
            HexText.Write(text, id);
            Assert.Equal(id.ToString("x16", CultureInfo.InvariantCulture), Encoding.ASCII.GetString(text));
            Assert.True(HexText.TryParse(text, out var read));
            Assert.Equal(id, read);
        }
    }
}
