using Weft.Base.Hashing;
using Weft.Proxy.Runtime;
using ConsistentHashingMessage = Envoy.Extensions.Matching.InputMatchers.ConsistentHashing.V3.ConsistentHashing;
using RuntimeFractionMessage = Envoy.Extensions.Matching.InputMatchers.RuntimeFraction.V3.RuntimeFraction;

namespace Weft.Proxy.Matching.InputMatchers;

/// <summary>envoy.matching.matchers.consistent_hashing: a share of all values, always the same ones.</summary>
internal sealed class ConsistentHashInputMatcher(ConsistentHashingMessage config) : InputMatcher
{
    public override bool IsMatch(in MatchValue value, in MatchData data)
        => value.IsPresent == MatchOutcome.Yes && XxHash64.Hash(value.Bytes, config.Seed) % config.Modulo >= config.Threshold;

    public override string ToString() => $"hash modulo {config.Modulo} is at least {config.Threshold}";
}

/// <summary>envoy.matching.matchers.runtime_fraction: a share of all values, always the same ones while the share is.</summary>
internal sealed class RuntimeFractionInputMatcher(RuntimeFractionMessage config) : InputMatcher
{
    private readonly RuntimeFraction _fraction = RuntimeFraction.From(config.RuntimeFraction_);

    public override bool IsMatch(in MatchValue value, in MatchData data)
        => value.IsPresent == MatchOutcome.Yes && data.Runtime.IsEnabled(_fraction, XxHash64.Hash(value.Bytes, config.Seed));

    public override string ToString() => $"hash is drawn by {_fraction.Numerator}/{_fraction.Denominator} (runtime key '{_fraction.Key}')";
}
