using System.Text;
using Envoy.Extensions.Filters.Http.CdnLoop.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.CdnLoop;

/// <summary>Makes filters that find requests which run in circles through content delivery networks (envoy.filters.http.cdn_loop).</summary>
internal sealed class CdnLoopFilterFactory : HttpFilterFactory
{
    /// <summary>cdn_id: this network.</summary>
    public required byte[] Id { get; init; }

    /// <summary>max_allowed_occurrences: how often a request may have come through it before; default 0.</summary>
    public required uint MaxOccurrences { get; init; }

    public static CdnLoopFilterFactory Create(string name, CdnLoopConfig config, string statPrefix, FactoryContext context)
    {
        var id = Encoding.UTF8.GetBytes(config.CdnId);
        if (!CdnLoopReader.IsId(id)) context.Config.Error(config, "cdn_id", $"Provided cdn_id \"{config.CdnId}\" is not a valid CDN identifier");
        return new CdnLoopFilterFactory { Name = name, Id = id, MaxOccurrences = config.MaxAllowedOccurrences };
    }

    public override HttpFilter Create(Worker worker) => new CdnLoopFilter(this);
}
