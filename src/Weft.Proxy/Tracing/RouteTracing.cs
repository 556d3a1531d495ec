using System.Text;
using Envoy.Config.Route.V3;
using Weft.Config;

namespace Weft.Proxy.Tracing;

/// <summary>What a route says about tracing (Route.tracing, Route.decorator). Immutable.</summary>
public sealed class RouteTracing
{
    private RouteTracing(TraceSampling? sampling, CustomTag[] tags, Decorator? decorator)
    {
        (Sampling, Tags) = (sampling, tags);
        Operation = decorator is null ? [] : Encoding.UTF8.GetBytes(decorator.Operation);
        Propagates = decorator?.Propagate ?? true;
    }

    /// <summary>In place of the connection manager's; null: that holds.</summary>
    internal TraceSampling? Sampling { get; }

    /// <summary>Besides the connection manager's, and over them.</summary>
    internal CustomTag[] Tags { get; }

    /// <summary>decorator.operation: the name of spans; empty: none.</summary>
    internal byte[] Operation { get; }

    /// <summary>decorator.propagate: the other side is told the name; default true.</summary>
    internal bool Propagates { get; }

    /// <summary>Null when the route says nothing.</summary>
    internal static RouteTracing? Create(Route source, ConfigContext context)
    {
        if (source.Tracing is null && source.Decorator is null)
            return null;
        return new RouteTracing(
            source.Tracing is null ? null : TraceSampling.Of(source.Tracing),
            source.Tracing is null ? [] : CustomTag.Create(source.Tracing.CustomTags, context),
            source.Decorator);
    }
}
