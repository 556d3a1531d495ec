using System.Text;
using Envoy.Extensions.Filters.Http.IpTagging.V3;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using RequestType = Envoy.Extensions.Filters.Http.IpTagging.V3.IPTagging.Types.RequestType;

namespace Weft.Proxy.HttpFilters.IpTagging;

/// <summary>Makes filters that mark requests with the names of the networks they come from (envoy.filters.http.ip_tagging).</summary>
internal sealed class IpTaggingFilterFactory : HttpFilterFactory
{
    public required RequestType RequestType { get; init; }

    public required Tag[] Tags { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    /// <summary>ip_tag_header: gets the tags; default x-envoy-ip-tags.</summary>
    public required HeaderName Header { get; init; }

    /// <summary>The action SANITIZE of ip_tag_header: what the client has sent in that header does not count.</summary>
    public required bool Sanitizes { get; init; }

    public required Counter Total { get; init; }

    public required Counter NoHit { get; init; }

    /// <summary>A name and the networks that have it.</summary>
    internal sealed record Tag(byte[] Name, AddressRange[] Ranges, Counter Hit);

    public static IpTaggingFilterFactory Create(string name, IPTagging config, string statPrefix, FactoryContext context)
    {
        var scope = context.Stats.Scope($"http.{statPrefix}.ip_tagging.");
        return new IpTaggingFilterFactory
        {
            Name = name,
            RequestType = config.RequestType,
            Runtime = context.Runtime,
            Header = config.IpTagHeader is { Header.Length: > 0 } header ? new HeaderName(header.Header) : new HeaderName(KnownHeader.XEnvoyIpTags),
            Sanitizes = config.IpTagHeader is { Action: IPTagging.Types.IpTagHeader.Types.HeaderAction.Sanitize },
            Total = scope.Counter("total"),
            NoHit = scope.Counter("no_hit"),
            Tags = [.. config.IpTags.Select(tag => new Tag(Encoding.UTF8.GetBytes(tag.IpTagName), RangesOf(tag, context), scope.Counter($"{tag.IpTagName}.hit")))],
        };
    }

    public override HttpFilter Create(Worker worker) => new IpTaggingFilter(this, worker);

    private static AddressRange[] RangesOf(IPTagging.Types.IPTag tag, FactoryContext context)
        => [.. tag.IpList.Select(range => AddressRange.Create(range, context.Config, static text => $"invalid ip/mask combo '{text}' (format is <ip>/<# mask bits>)")).OfType<AddressRange>()];
}
