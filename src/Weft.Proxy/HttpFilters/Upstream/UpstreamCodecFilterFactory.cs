using Envoy.Extensions.Filters.Http.UpstreamCodec.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Upstream;

/// <summary>The end of a chain of upstream filters (envoy.filters.http.upstream_codec). No filter is made of it: <see cref="FilteredUpstream"/> is that end.</summary>
internal sealed class UpstreamCodecFilterFactory : HttpFilterFactory
{
    public override bool IsTerminal => true;

    public static UpstreamCodecFilterFactory Create(string name, UpstreamCodec config, string statPrefix, FactoryContext context) => new() { Name = name };

    public override HttpFilter Create(Worker worker) => throw new InvalidOperationException("a chain of upstream filters ends with its stream");
}
