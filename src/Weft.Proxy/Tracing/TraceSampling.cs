using Weft.Proxy.Runtime;
using HcmTracing = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.Tracing;
using Percent = Envoy.Type.V3.Percent;

namespace Weft.Proxy.Tracing;

/// <summary>Which shares of requests are traced: when a client asks for it, at random, and at most; all of them by default. Immutable.</summary>
internal sealed record TraceSampling(RuntimeFraction Client, RuntimeFraction Random, RuntimeFraction Overall)
{
    private const string ClientKey = "tracing.client_enabled";
    private const string RandomKey = "tracing.random_sampling";
    private const string OverallKey = "tracing.global_enabled";

    public static TraceSampling Of(HcmTracing source) => new(
        new RuntimeFraction(ClientKey, (uint)(source.ClientSampling?.Value ?? 100), 100),
        OfPercent(RandomKey, source.RandomSampling),
        OfPercent(OverallKey, source.OverallSampling));

    public static TraceSampling Of(Envoy.Config.Route.V3.Tracing source) => new(
        OfFraction(ClientKey, source.ClientSampling),
        OfFraction(RandomKey, source.RandomSampling),
        OfFraction(OverallKey, source.OverallSampling));

    private static RuntimeFraction OfPercent(string key, Percent? percent) =>
        new(key, (uint)Math.Round((percent?.Value ?? 100) * 100, MidpointRounding.AwayFromZero), 10_000);

    private static RuntimeFraction OfFraction(string key, Envoy.Type.V3.FractionalPercent? fraction) =>
        fraction is null ? new RuntimeFraction(key, 100, 100) : RuntimeFraction.From(fraction, key);
}
