using Weft.Http;
using Weft.Proxy.Streams;
using Weft.Proxy.Tracing.OpenTelemetry.Samplers;

namespace Weft.Proxy.Tests.Tracing.OpenTelemetry;

public sealed class OtelSamplerTests
{
    /// <summary>0x0af7651916cd43dd read from its last byte is 15943812600620775178.</summary>
    [Theory]
    [InlineData(78u, 100u, false)]
    [InlineData(79u, 100u, true)]
    [InlineData(5178u, 10_000u, false)]
    [InlineData(5179u, 10_000u, true)]
    [InlineData(775178u, 1_000_000u, false)]
    [InlineData(775179u, 1_000_000u, true)]
    public void The_share_of_traces_is_drawn_from_the_id_as_Envoy_draws_it(uint numerator, uint denominator, bool expected) =>
        Assert.Equal(expected, new TraceIdRatioSampler(numerator, denominator).Samples(Input(0x0af7651916cd43dd, null)));

    [Fact]
    public void A_trace_that_goes_on_is_sampled_as_its_parent_and_a_new_one_as_the_other_sampler_says()
    {
        var sampler = new ParentBasedSampler(new TraceIdRatioSampler(0, 100));
        Assert.True(sampler.Samples(Input(1, true)));
        Assert.False(sampler.Samples(Input(1, false)));
        Assert.False(sampler.Samples(Input(1, null)));
        Assert.True(new ParentBasedSampler(new AlwaysOnSampler()).Samples(Input(1, null)));
    }

    private static SamplerInput Input(ulong traceIdHigh, bool? parentIsSampled) =>
        new() { TraceIdHigh = traceIdHigh, ParentIsSampled = parentIsSampled, Headers = new HeaderMap(), Info = new StreamInfo() };
}
