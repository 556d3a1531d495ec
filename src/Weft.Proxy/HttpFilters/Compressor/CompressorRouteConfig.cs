using Envoy.Extensions.Filters.Http.Compressor.V3;
using Weft.Proxy.Bootstrap;
using OverrideCase = Envoy.Extensions.Filters.Http.Compressor.V3.CompressorPerRoute.OverrideOneofCase;

namespace Weft.Proxy.HttpFilters.Compressor;

/// <summary>What a route says about the compression of responses. Immutable; any thread.</summary>
internal sealed class CompressorRouteConfig : FilterRouteConfig
{
    private CompressorRouteConfig(CompressorPerRoute config)
    {
        var response = config.Overrides?.ResponseDirectionConfig;
        IsEnabled = config.OverrideCase == OverrideCase.Disabled ? false : response is null ? null : true;
        RemovesAcceptEncoding = response?.RemoveAcceptEncodingHeader;
    }

    /// <summary>Null: as the filter says.</summary>
    public bool? IsEnabled { get; }

    public bool? RemovesAcceptEncoding { get; }

    public static CompressorRouteConfig Create(CompressorPerRoute config, FactoryContext context) => new(config);
}
