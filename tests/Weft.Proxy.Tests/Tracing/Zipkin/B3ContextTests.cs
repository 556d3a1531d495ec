using System.Text;
using Weft.Http;
using Weft.Proxy.Tracing.Zipkin;

namespace Weft.Proxy.Tests.Tracing.Zipkin;

public sealed class B3ContextTests
{
    private const string Trace = "463ac35c9f6413ad";
    private const string Long = "0af7651916cd43dd" + Trace;
    private const string Span = "a2fb4a1d1a96d312";
    private const string Parent = "0020000000000001";

    [Theory]
    [InlineData(Trace + "-" + Span, null, 0ul)]
    [InlineData(Trace + "-" + Span + "-1", true, 0ul)]
    [InlineData(Trace + "-" + Span + "-0", false, 0ul)]
    [InlineData(Trace + "-" + Span + "-d-" + Parent, true, 0x0020000000000001ul)]
    public void One_header_tells_all(string b3, bool? sampled, ulong parent)
    {
        Assert.True(B3Context.TryRead(Headers(("b3", b3)), out var context));
        Assert.True(context.HasSpan);
        Assert.Equal((0ul, 0x463ac35c9f6413adul, 0xa2fb4a1d1a96d312ul, parent), (context.TraceIdHigh, context.TraceIdLow, context.SpanId, context.ParentId));
        Assert.Equal(sampled, context.IsSampled);
    }

    [Fact]
    public void Trace_ids_may_have_128_bits()
    {
        Assert.True(B3Context.TryRead(Headers(("b3", Long + "-" + Span + "-1")), out var single));
        Assert.True(B3Context.TryRead(Headers(("x-b3-traceid", Long), ("x-b3-spanid", Span)), out var several));
        Assert.Equal((0x0af7651916cd43ddul, 0x463ac35c9f6413adul), (single.TraceIdHigh, single.TraceIdLow));
        Assert.Equal((0x0af7651916cd43ddul, 0x463ac35c9f6413adul), (several.TraceIdHigh, several.TraceIdLow));
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    [InlineData("d", true)]
    public void One_header_may_tell_the_decision_only(string b3, bool sampled)
    {
        Assert.True(B3Context.TryRead(Headers(("b3", b3)), out var context));
        Assert.Equal((false, sampled), (context.HasSpan, context.IsSampled));
    }

    [Fact]
    public void Several_headers_tell_the_same()
    {
        Assert.True(B3Context.TryRead(Headers(("x-b3-traceid", Trace), ("x-b3-spanid", Span), ("x-b3-parentspanid", Parent), ("x-b3-sampled", "true")), out var context));
        Assert.Equal((0x463ac35c9f6413adul, 0xa2fb4a1d1a96d312ul, 0x0020000000000001ul, true), (context.TraceIdLow, context.SpanId, context.ParentId, context.IsSampled));
    }

    [Fact]
    public void Without_a_span_there_is_only_the_decision()
    {
        Assert.True(B3Context.TryRead(Headers(), out var nothing));
        Assert.Equal((false, null), (nothing.HasSpan, nothing.IsSampled));
        Assert.True(B3Context.TryRead(Headers(("x-b3-traceid", Trace), ("x-b3-sampled", "0")), out var half));
        Assert.Equal((false, false), (half.HasSpan, half.IsSampled));
    }

    [Theory]
    [InlineData("b3", "")]
    [InlineData("b3", "x")]
    [InlineData("b3", "463ac35c9f6413ad")]
    [InlineData("b3", "463ac35c9f6413ad-")]
    [InlineData("b3", "463ac35c9f6413ad-a2fb4a1d1a96d312-")]
    [InlineData("b3", "463ac35c9f6413ad-a2fb4a1d1a96d312-11")]
    [InlineData("b3", "463ac35c9f6413ad-a2fb4a1d1a96d312-2")]
    [InlineData("b3", "463ac35c9f6413ad-a2fb4a1d1a96d312-1-")]
    [InlineData("b3", "463ac35c9f6413ad-a2fb4a1d1a96d312-1-0020000000000001-")]
    [InlineData("b3", "463ac35c9f6413aX-a2fb4a1d1a96d312-1")]
    [InlineData("b3", "463ac35c9f6413ad0-a2fb4a1d1a96d312-1")]
    [InlineData("b3", "-----")]
    [InlineData("x-b3-spanid", "not hex")]
    [InlineData("x-b3-spanid", "")]
    [InlineData("x-b3-spanid", "00112233445566778")]
    [InlineData("x-b3-parentspanid", "-1")]
    [InlineData("x-b3-traceid", "+1")]
    public void What_cannot_be_understood_is_no_trace(string name, string value)
    {
        var headers = Headers(("x-b3-traceid", Trace), ("x-b3-spanid", Span));
        headers.Set(new HeaderName(name), Encoding.ASCII.GetBytes(value));
        Assert.False(B3Context.TryRead(headers, out _));
    }

    private static HeaderMap Headers(params (string Name, string Value)[] headers)
    {
        var map = new HeaderMap();
        foreach (var (name, value) in headers)
            map.Add(new HeaderName(name), Encoding.ASCII.GetBytes(value));
        return map;
    }
}
