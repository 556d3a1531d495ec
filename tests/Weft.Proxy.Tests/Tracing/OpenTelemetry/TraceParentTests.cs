using System.Text;
using Weft.Proxy.Tracing.OpenTelemetry;

namespace Weft.Proxy.Tests.Tracing.OpenTelemetry;

public sealed class TraceParentTests
{
    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", false)]
    [InlineData("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03", true)]
    public void It_tells_trace_parent_and_decision(string text, bool sampled)
    {
        Assert.True(TraceParent.TryRead(Encoding.ASCII.GetBytes(text), out var parent));
        Assert.Equal((0x0af7651916cd43ddul, 0x8448eb211c80319cul, 0xb7ad6b7169203331ul, sampled), (parent.TraceIdHigh, parent.TraceIdLow, parent.SpanId, parent.IsSampled));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what")]
    [InlineData("00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319X-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333 -01")]
    public void Anything_else_is_none(string text) => Assert.False(TraceParent.TryRead(Encoding.ASCII.GetBytes(text), out _));
}
