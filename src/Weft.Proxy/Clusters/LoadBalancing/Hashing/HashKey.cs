using Value = Google.Protobuf.WellKnownTypes.Value;

namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>What an endpoint is known by in consistent hashing: the same as in Envoy, so that both send a request to the same endpoint.</summary>
internal static class HashKey
{
    /// <summary>The string hash_key of its envoy.lb metadata, else its hostname (use_hostname_for_hashing), else its address with port.</summary>
    public static string Of(Endpoint endpoint, bool useHostname)
    {
        if (endpoint.Metadata is { } metadata
            && metadata.FilterMetadata.TryGetValue("envoy.lb", out var values)
            && values.Fields.TryGetValue("hash_key", out var key)
            && key.KindCase == Value.KindOneofCase.StringValue && key.StringValue.Length > 0)
        {
            return key.StringValue;
        }
        return useHostname ? endpoint.Hostname : endpoint.AddressText;
    }
}
