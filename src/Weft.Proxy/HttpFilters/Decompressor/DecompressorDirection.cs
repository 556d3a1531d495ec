using System.Text;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Proxy.HttpFilters.Compression;
using Weft.Proxy.Runtime;
using CommonMessage = Envoy.Extensions.Filters.Http.Decompressor.V3.Decompressor.Types.CommonDirectionConfig;

namespace Weft.Proxy.HttpFilters.Decompressor;

/// <summary>Which bodies of one direction are decompressed. Immutable; any thread.</summary>
internal sealed class DecompressorDirection(CommonMessage? config, StatsScope scope)
{
    private readonly FeatureFlag _enabled = new(config?.Enabled);
    private readonly bool _ignoresNoTransform = config?.IgnoreNoTransformHeader ?? false;

    public Counter Decompressed { get; } = scope.Counter("decompressed");

    public Counter NotDecompressed { get; } = scope.Counter("not_decompressed");

    public Counter TotalUncompressedBytes { get; } = scope.Counter("total_uncompressed_bytes");

    public Counter TotalCompressedBytes { get; } = scope.Counter("total_compressed_bytes");

    public bool IsEnabled(RuntimeSnapshot runtime) => _enabled.IsOn(runtime);

    /// <summary>The message's first coding is <paramref name="coding"/>, and it may be changed.</summary>
    public bool Fits(HeaderMap headers, ReadOnlySpan<byte> coding, RuntimeSnapshot runtime)
    {
        if (!IsEnabled(runtime)) return false;
        if (!_ignoresNoTransform && HeaderTokens.Contains(headers.Get(KnownHeader.CacheControl), "no-transform"u8)) return false;
        var codings = headers.Get(KnownHeader.ContentEncoding);
        return HeaderTokens.TryTake(ref codings, out var first) && Ascii.EqualsIgnoreCase(first, coding);
    }
}
