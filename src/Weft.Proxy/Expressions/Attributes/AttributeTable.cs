namespace Weft.Proxy.Expressions.Attributes;

/// <summary>Every attribute by the name it begins with. Source: Envoy's list of attributes.</summary>
internal static class AttributeTable
{
    private static readonly Dictionary<string, CelMap> s_groups = new(StringComparer.Ordinal)
    {
        ["request"] = RequestAttributes.Group,
        ["response"] = ResponseAttributes.Group,
        ["connection"] = ConnectionAttributes.Group,
        ["source"] = ConnectionAttributes.Source,
        ["destination"] = ConnectionAttributes.Destination,
        ["upstream"] = UpstreamAttributes.Group,
        ["metadata"] = MetadataAttributes.Group,
        ["filter_state"] = FilterStateAttributes.Downstream,
        ["upstream_filter_state"] = FilterStateAttributes.Upstream,
        ["xds"] = XdsAttributes.Group,
    };

    public static CelMap? Find(string name) => s_groups.GetValueOrDefault(name);
}
