namespace Weft.Proxy.Expressions.Attributes;

/// <summary>filter_state: the objects of Envoy's filter state that exist here, as bytes.</summary>
internal static class FilterStateAttributes
{
    public static readonly AttributeGroup Downstream = new(new(StringComparer.Ordinal)
    {
        ["envoy.tcp_proxy.cluster"] = static (in CelContext context) => AttributeValues.Text(context, context.Request.Info.TcpProxyCluster).As(CelKind.Bytes),
    });

    /// <summary>Nothing is shared with upstream connections.</summary>
    public static readonly AttributeGroup Upstream = new(new(StringComparer.Ordinal));
}
