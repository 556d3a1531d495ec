using System.Buffers.Text;
using System.Text;
using Google.Protobuf.Collections;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Proxy.HttpFilters.Compression;
using Weft.Proxy.Runtime;
using CommonMessage = Envoy.Extensions.Filters.Http.Compressor.V3.Compressor.Types.CommonDirectionConfig;

namespace Weft.Proxy.HttpFilters.Compressor;

/// <summary>Which bodies of one direction are compressed. Immutable; any thread.</summary>
internal sealed class CompressorDirection
{
    private const long DefaultMinContentLength = 30;

    private static readonly string[] s_defaultTypes =
    [
        "text/html", "text/plain", "text/css", "application/javascript", "application/x-javascript", "text/javascript", "text/x-javascript",
        "text/ecmascript", "text/js", "text/jscript", "text/x-js", "application/ecmascript", "application/x-json", "application/xml",
        "application/json", "image/svg+xml", "text/xml", "application/xhtml+xml", "application/grpc-web", "application/grpc-web+proto",
    ];

    private readonly FeatureFlag _enabled;
    private readonly long _minContentLength;
    private readonly byte[][] _types;

    public CompressorDirection(CommonMessage? config, StatsScope scope)
    {
        _enabled = new FeatureFlag(config?.Enabled);
        _minContentLength = config?.MinContentLength is > 0 and var length ? (long)length : DefaultMinContentLength;
        _types = [.. TypesOf(config?.ContentType).Select(Encoding.ASCII.GetBytes)];
        Compressed = scope.Counter("compressed");
        NotCompressed = scope.Counter("not_compressed");
        TotalUncompressedBytes = scope.Counter("total_uncompressed_bytes");
        TotalCompressedBytes = scope.Counter("total_compressed_bytes");
        ContentLengthTooSmall = scope.Counter("content_length_too_small");
    }

    public Counter Compressed { get; }

    public Counter NotCompressed { get; }

    public Counter TotalUncompressedBytes { get; }

    public Counter TotalCompressedBytes { get; }

    public Counter ContentLengthTooSmall { get; }

    public bool IsEnabled(RuntimeSnapshot runtime) => _enabled.IsOn(runtime);

    /// <summary>A body of unknown length is long enough.</summary>
    public bool IsLongEnough(HeaderMap headers)
    {
        if (!headers.Has(KnownHeader.ContentLength)) return true;
        if (Utf8Parser.TryParse(headers.Get(KnownHeader.ContentLength), out long length, out _) && length >= _minContentLength) return true;
        ContentLengthTooSmall.Inc();
        return false;
    }

    /// <summary>A body without a type has the right one.</summary>
    public bool HasType(HeaderMap headers)
    {
        if (!headers.Has(KnownHeader.ContentType)) return true;
        var type = HeaderTokens.WithoutParameters(headers.Get(KnownHeader.ContentType));
        foreach (var allowed in _types)
        {
            if (Ascii.EqualsIgnoreCase(type, allowed)) return true;
        }

        return false;
    }

    private static IEnumerable<string> TypesOf(RepeatedField<string>? configured) => configured is { Count: > 0 } ? configured : s_defaultTypes;
}
