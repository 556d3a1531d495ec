using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.HttpFilters.Router.Retries;

/// <summary>An extension of <c>envoy.retry_host_predicates</c>: which endpoints a retry passes over. Immutable; asked only when something is tried again.</summary>
internal abstract class RetryHostPredicate
{
    protected const string LoadBalancingMetadata = "envoy.lb";

    public abstract bool Rejects(Endpoint endpoint, List<Endpoint> tried);
}

/// <summary>previous_hosts: endpoints that were tried for this request.</summary>
internal sealed class PreviousHosts : RetryHostPredicate
{
    public override bool Rejects(Endpoint endpoint, List<Endpoint> tried) => tried.Contains(endpoint);
}

/// <summary>omit_canary_hosts: endpoints with <c>canary: true</c> in their metadata.</summary>
internal sealed class OmitCanaryHosts : RetryHostPredicate
{
    public override bool Rejects(Endpoint endpoint, List<Endpoint> tried) =>
        endpoint.Metadata is { } metadata
        && metadata.FilterMetadata.TryGetValue(LoadBalancingMetadata, out var labels)
        && labels.Fields.TryGetValue("canary", out var canary)
        && canary is { KindCase: Value.KindOneofCase.BoolValue, BoolValue: true };
}

/// <summary>omit_host_metadata: endpoints whose metadata has all of these labels; a list among it matches by any of its members.</summary>
internal sealed class OmitHostMetadata(Envoy.Config.Core.V3.Metadata? match) : RetryHostPredicate
{
    private readonly Struct? _labels = match?.FilterMetadata.GetValueOrDefault(LoadBalancingMetadata);

    public override bool Rejects(Endpoint endpoint, List<Endpoint> tried)
    {
        if (_labels is null or { Fields.Count: 0 } || endpoint.Metadata is not { } metadata
            || !metadata.FilterMetadata.TryGetValue(LoadBalancingMetadata, out var labels))
            return false;
        foreach (var (name, wanted) in _labels.Fields)
        {
            if (!labels.Fields.TryGetValue(name, out var value) || !Matches(value, wanted))
                return false;
        }

        return true;
    }

    private static bool Matches(Value value, Value wanted) => value.KindCase == Value.KindOneofCase.ListValue
        ? value.ListValue.Values.Contains(wanted)
        : value.Equals(wanted);
}
