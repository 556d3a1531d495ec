using System.Text;
using Weft.Base.Buffers;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Expressions.Attributes;

/// <summary>filter_state and upstream_filter_state: what filters have left by name, as bytes.</summary>
/// <param name="isUpstream">Only what is shared with the upstream's connection.</param>
internal sealed class FilterStateAttributes(bool isUpstream) : CelMap
{
    public static readonly FilterStateAttributes Downstream = new(isUpstream: false);

    public static readonly FilterStateAttributes Upstream = new(isUpstream: true);

    private const string TcpCluster = "envoy.tcp_proxy.cluster";

    [ThreadStatic]
    private static ByteWriter? t_json;

    /// <summary>Reads what has a name that is known when an expression is compiled.</summary>
    public AttributeReader Reader(string name) => (in CelContext context) => Find(context, name);

    public override CelValue Find(in CelContext context, in CelValue key) =>
        key.Kind == CelKind.String ? Find(context, Encoding.UTF8.GetString(key.Text)) : CelErrors.NoSuchKey;

    public override int Count(in CelContext context) => 0;

    public override CelValue[] Keys(in CelContext context) => [];

    private CelValue Find(in CelContext context, string name)
    {
        var info = context.Request.Info;
        if ((isUpstream ? info.UpstreamFilterState(name) : info.FilterState.Find(name)) is not { } value)
            return !isUpstream && name == TcpCluster && context.Request.Info.TcpProxyCluster is { } cluster ? context.Scratch.String(cluster).As(CelKind.Bytes) : CelErrors.NoSuchKey;
        return value.Text is { } text ? CelValue.Bytes(text) : Json(context, value);
    }

    private static CelValue Json(in CelContext context, FilterStateValue value)
    {
        var json = t_json ??= new ByteWriter();
        json.Clear();
        return value.TryWriteJson(json) ? context.Scratch.Bytes(json.Written) : CelErrors.NoSuchKey;
    }
}
