using System.Text;
using Envoy.Config.Route.V3;
using Weft.Config;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Tracing;

/// <summary>What a route says about tracing (Route.tracing, Route.decorator). Immutable.</summary>
public sealed class RouteTracing
{
    private RouteTracing(Envoy.Config.Route.V3.Tracing? tracing, Decorator? decorator, ConfigContext context)
    {
        Sampling = tracing is null ? null : TraceSampling.Of(tracing);
        Tags = tracing is null ? [] : CustomTag.Create(tracing.CustomTags, context);
        Format = tracing is null ? null : TracingConfig.OperationOf(tracing.Operation, tracing, "operation", context);
        UpstreamFormat = tracing is null ? null : TracingConfig.OperationOf(tracing.UpstreamOperation, tracing, "upstream_operation", context);
        Operation = decorator is null ? [] : Encoding.UTF8.GetBytes(decorator.Operation);
        Propagates = decorator?.Propagate ?? true;
    }

    /// <summary>In place of the connection manager's; null: that holds.</summary>
    internal TraceSampling? Sampling { get; }

    /// <summary>Besides the connection manager's, and over them.</summary>
    internal CustomTag[] Tags { get; }

    /// <summary>tracing.operation: names spans, over all that else would; null: the connection manager's.</summary>
    internal SubstitutionFormat? Format { get; }

    /// <summary>tracing.upstream_operation: the same for the spans of attempts.</summary>
    internal SubstitutionFormat? UpstreamFormat { get; }

    /// <summary>decorator.operation: the name of spans; empty: none.</summary>
    internal byte[] Operation { get; }

    /// <summary>decorator.propagate: the other side is told the name; default true.</summary>
    internal bool Propagates { get; }

    /// <summary>Null when the route says nothing.</summary>
    internal static RouteTracing? Create(Route source, ConfigContext context) =>
        source.Tracing is null && source.Decorator is null ? null : new RouteTracing(source.Tracing, source.Decorator, context);
}
