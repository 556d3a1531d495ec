using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Compression;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using DecompressorMessage = Envoy.Extensions.Filters.Http.Decompressor.V3.Decompressor;

namespace Weft.Proxy.HttpFilters.Decompressor;

/// <summary>Makes filters that decompress bodies (envoy.filters.http.decompressor).</summary>
internal sealed class DecompressorFilterFactory : HttpFilterFactory
{
    public required DecompressionLibrary Library { get; init; }

    public required DecompressorDirection Request { get; init; }

    public required DecompressorDirection Response { get; init; }

    /// <summary>advertise_accept_encoding; default true: the upstream is told that its responses may be compressed.</summary>
    public bool Advertises { get; init; }

    /// <summary>Bodies that are not what they say, or are bombs.</summary>
    public required DecompressorErrors Errors { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public static DecompressorFilterFactory? Create(string name, DecompressorMessage config, string statPrefix, FactoryContext context)
    {
        if (DecompressionLibrary.Create(config.DecompressorLibrary, context.Config) is not { } library) return null;
        var scope = context.Stats.Scope($"http.{statPrefix}.decompressor.{library.Name}.{library.StatPrefix}");
        return new DecompressorFilterFactory
        {
            Name = name,
            Library = library,
            Runtime = context.Runtime,
            Advertises = config.RequestDirectionConfig?.AdvertiseAcceptEncoding ?? true,
            Request = new DecompressorDirection(config.RequestDirectionConfig?.CommonConfig, scope.Scope("request.")),
            Response = new DecompressorDirection(config.ResponseDirectionConfig?.CommonConfig, scope.Scope("response.")),
            Errors = new DecompressorErrors(scope, System.Text.Encoding.ASCII.GetString(library.Encoding)),
        };
    }

    public override HttpFilter Create(Worker worker) => new DecompressorFilter(this);
}
