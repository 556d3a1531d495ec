using Weft.Base.Compression;
using Weft.Config;
using BrotliMessage = Envoy.Extensions.Compression.Brotli.Compressor.V3.Brotli;
using BrotliReader = Envoy.Extensions.Compression.Brotli.Decompressor.V3.Brotli;
using GzipMessage = Envoy.Extensions.Compression.Gzip.Compressor.V3.Gzip;
using GzipReader = Envoy.Extensions.Compression.Gzip.Decompressor.V3.Gzip;
using ZstdMessage = Envoy.Extensions.Compression.Zstd.Compressor.V3.Zstd;
using ZstdReader = Envoy.Extensions.Compression.Zstd.Decompressor.V3.Zstd;
using TypedExtensionConfig = Envoy.Config.Core.V3.TypedExtensionConfig;

namespace Weft.Proxy.HttpFilters.Compression;

/// <summary>A configured way to compress. Immutable; any thread.</summary>
/// <param name="Name">Of the extension, as configured: part of the statistics' names.</param>
/// <param name="Encoding">The content-coding.</param>
/// <param name="StatPrefix">Its part of the statistics' names.</param>
/// <param name="Make">A compressor for one stream.</param>
internal sealed record CompressionLibrary(string Name, byte[] Encoding, string StatPrefix, Func<BodyCompressor> Make)
{
    private const int GzipWindowBits = 12;
    private const int GzipMemoryLevel = 5;
    private const int BrotliQuality = 3;
    private const int BrotliWindowBits = 18;
    private const uint ZstdLevel = 3;

    /// <summary>Null when it cannot be had (it is reported).</summary>
    public static CompressionLibrary? Create(TypedExtensionConfig? config, ConfigContext context)
    {
        switch (context.Unpack(config?.TypedConfig))
        {
            case GzipMessage gzip:
                // Its enums have zlib's own numbers, but for the default of the level.
                var level = gzip.CompressionLevel == 0 ? -1 : (int)gzip.CompressionLevel;
                var window = (int)(gzip.WindowBits ?? GzipWindowBits);
                var memory = (int)(gzip.MemoryLevel ?? GzipMemoryLevel);
                var strategy = (int)gzip.CompressionStrategy;
                return new CompressionLibrary(config!.Name, Bytes("gzip"), "gzip.", () => new GzipCompressor(level, window, memory, strategy));
            case BrotliMessage brotli:
                var quality = (int)(brotli.Quality ?? BrotliQuality);
                var bits = (int)(brotli.WindowBits ?? BrotliWindowBits);
                return new CompressionLibrary(config!.Name, Bytes("br"), "brotli.", () => new BrotliCompressor(quality, bits));
            case ZstdMessage zstd when ZstdBody.IsUsable(zstd, context):
                var zstdLevel = (int)(zstd.CompressionLevel ?? ZstdLevel);
                return new CompressionLibrary(config!.Name, Bytes("zstd"), "zstd.", () => new ZstdCompressor(zstdLevel, zstd.EnableChecksum, (int)zstd.Strategy));
            case ZstdMessage:
                return null;
            default:
                context.Error(config ?? new TypedExtensionConfig(), "typed_config", $"Didn't find a registered implementation for type: '{config?.TypedConfig?.TypeUrl}'");
                return null;
        }
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}

/// <summary>A configured way to decompress. Immutable; any thread.</summary>
/// <param name="MaxRatio">Output beyond so many times the input is a bomb.</param>
internal sealed record DecompressionLibrary(string Name, byte[] Encoding, string StatPrefix, long MaxRatio, Func<BodyDecompressor> Make)
{
    private const int GzipWindowBits = 15;
    private const uint DefaultMaxRatio = 100;

    /// <summary>Null when it cannot be had (it is reported).</summary>
    public static DecompressionLibrary? Create(TypedExtensionConfig? config, ConfigContext context)
    {
        switch (context.Unpack(config?.TypedConfig))
        {
            case GzipReader gzip:
                var window = (int)(gzip.WindowBits ?? GzipWindowBits);
                return new DecompressionLibrary(config!.Name, Bytes("gzip"), "gzip.", gzip.MaxInflateRatio ?? DefaultMaxRatio, () => new GzipDecompressor(window));
            case BrotliReader:
                return new DecompressionLibrary(config!.Name, Bytes("br"), "brotli.", DefaultMaxRatio, static () => new BrotliDecompressor());
            case ZstdReader zstd when ZstdBody.IsUsable(zstd, context):
                return new DecompressionLibrary(config!.Name, Bytes("zstd"), "zstd.", DefaultMaxRatio, static () => new ZstdDecompressor());
            case ZstdReader:
                return null;
            default:
                context.Error(config ?? new TypedExtensionConfig(), "typed_config", $"Didn't find a registered implementation for type: '{config?.TypedConfig?.TypeUrl}'");
                return null;
        }
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}

/// <summary>Whether zstd can be had: it needs a library of the system's.</summary>
internal static class ZstdBody
{
    public static bool IsUsable(Google.Protobuf.IMessage config, ConfigContext context)
    {
        if (ZstdCompressor.IsAvailable) return true;
        context.Error(config, null, "zstd needs libzstd.so.1, which is not installed (Debian: apt-get install libzstd1)");
        return false;
    }
}
