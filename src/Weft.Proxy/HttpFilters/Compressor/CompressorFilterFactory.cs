using System.Collections.Frozen;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Compression;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using CompressorMessage = Envoy.Extensions.Filters.Http.Compressor.V3.Compressor;

namespace Weft.Proxy.HttpFilters.Compressor;

/// <summary>Makes filters that compress bodies (envoy.filters.http.compressor).</summary>
internal sealed class CompressorFilterFactory : HttpFilterFactory
{
    public required CompressionLibrary Library { get; init; }

    public required CompressorDirection Response { get; init; }

    /// <summary>Null: requests are not compressed.</summary>
    public required CompressorDirection? Request { get; init; }

    public required CompressorResponseStats Stats { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    /// <summary>disable_on_etag_header: a response with an etag stays as it is; without it a strong etag is taken away.</summary>
    public bool DisableOnEtag { get; init; }

    /// <summary>remove_accept_encoding_header: the upstream does not compress.</summary>
    public bool RemovesAcceptEncoding { get; init; }

    /// <summary>status_header_enabled: a response header says whether a response was compressed, and why not. Default false.</summary>
    public bool TellsStatus { get; init; }

    /// <summary>uncompressible_response_codes: responses of these statuses stay as they are.</summary>
    public required IReadOnlySet<int> NotCompressedStatuses { get; init; }

    /// <summary>choose_first: among equal weights of a client, this one.</summary>
    public bool ChooseFirst { get; init; }

    /// <summary>All compressors of the chain in order, this one among them.</summary>
    public CompressorFilterFactory[] InChain { get; private set; }

    private CompressorFilterFactory() => InChain = [this];

    public static CompressorFilterFactory? Create(string name, CompressorMessage config, string statPrefix, FactoryContext context)
    {
        if (CompressionLibrary.Create(config.CompressorLibrary, context.Config) is not { } library) return null;
        var scope = context.Stats.Scope($"http.{statPrefix}.compressor.{library.Name}.{library.StatPrefix}");
        var response = config.ResponseDirectionConfig;
        return new CompressorFilterFactory
        {
            Name = name,
            Library = library,
            Runtime = context.Runtime,
            Request = config.RequestDirectionConfig is { } request ? new CompressorDirection(request.CommonConfig, scope.Scope("request.")) : null,
            Response = new CompressorDirection(response?.CommonConfig ?? Old(config), response is null ? scope : scope.Scope("response.")),
            Stats = new CompressorResponseStats(scope),
            ChooseFirst = config.ChooseFirst,
            TellsStatus = response?.StatusHeaderEnabled ?? false,
            NotCompressedStatuses = (response?.UncompressibleResponseCodes ?? []).Select(static code => (int)code).ToFrozenSet(),
#pragma warning disable CS0612 // Deprecated in the API, but still in files.
            DisableOnEtag = response?.DisableOnEtagHeader ?? config.DisableOnEtagHeader,
            RemovesAcceptEncoding = response?.RemoveAcceptEncodingHeader ?? config.RemoveAcceptEncodingHeader,
#pragma warning restore CS0612
        };
    }

    public override HttpFilter Create(Worker worker) => new CompressorFilter(this);

    internal override void OnChain(IReadOnlyList<HttpFilterFactory> chain)
    {
        CompressorFilterFactory[] all = [.. chain.OfType<CompressorFilterFactory>()];
        // One inside of another filter stands for itself.
        InChain = all.Contains(this) ? all : [this, .. all];
    }

    /// <summary>The fields from before there were directions.</summary>
#pragma warning disable CS0612
    private static CompressorMessage.Types.CommonDirectionConfig Old(CompressorMessage config)
    {
        var common = new CompressorMessage.Types.CommonDirectionConfig { Enabled = config.RuntimeEnabled, MinContentLength = config.ContentLength };
        common.ContentType.AddRange(config.ContentType);
        return common;
    }
#pragma warning restore CS0612
}

/// <summary>Why responses were compressed or not.</summary>
internal sealed class CompressorResponseStats(StatsScope scope)
{
    public Counter NoAcceptHeader { get; } = scope.Counter("no_accept_header");

    public Counter HeaderIdentity { get; } = scope.Counter("header_identity");

    public Counter HeaderCompressorUsed { get; } = scope.Counter("header_compressor_used");

    public Counter HeaderCompressorOvershadowed { get; } = scope.Counter("header_compressor_overshadowed");

    public Counter HeaderWildcard { get; } = scope.Counter("header_wildcard");

    public Counter HeaderNotValid { get; } = scope.Counter("header_not_valid");

    public Counter NotCompressedEtag { get; } = scope.Counter("not_compressed_etag");
}
