using Weft.Base.Compression;
using Weft.Base.Stats;

namespace Weft.Proxy.HttpFilters.Decompressor;

/// <summary>Bodies that could not be decompressed, <c>decompressor_library.*</c>, under the names that Envoy's library for the coding has. Any worker.</summary>
internal sealed class DecompressorErrors
{
    /// <summary>Envoy has these too, for what cannot happen here; they stay 0.</summary>
    private static readonly string[] s_otherNamesOfGzip = ["zlib_errno", "zlib_stream_error", "zlib_buf_error", "zlib_version_error"];

    private readonly Counter _data;
    private readonly Counter _checksum;
    private readonly Counter _dictionary;
    private readonly Counter _memory;
    private readonly Counter[] _tooLarge;
    private readonly Counter[] _redundant = [];

    /// <param name="scope">Of the filter's library.</param>
    /// <param name="coding">gzip, br or zstd.</param>
    public DecompressorErrors(StatsScope scope, string coding)
    {
        scope = scope.Scope("decompressor_library.");
        switch (coding)
        {
            case "gzip":
                _data = _checksum = _dictionary = scope.Counter("zlib_data_error");
                _memory = scope.Counter("zlib_mem_error");
                foreach (var name in s_otherNamesOfGzip)
                    scope.Counter(name);
                break;
            case "br":
                _data = _checksum = _dictionary = _memory = scope.Counter("brotli_error");
                _tooLarge = [_data, scope.Counter("brotli_output_overflow")];
                _redundant = [_data, scope.Counter("brotli_redundant_input")];
                break;
            default:
                _data = scope.Counter("zstd_generic_error");
                _checksum = scope.Counter("zstd_checksum_wrong_error");
                _dictionary = scope.Counter("zstd_dictionary_error");
                _memory = scope.Counter("zstd_memory_error");
                break;
        }

        _tooLarge ??= [_data];
    }

    /// <summary>It is not what it says it is.</summary>
    public void CountBroken(DecompressFault fault)
    {
        var counter = fault switch
        {
            DecompressFault.Checksum => _checksum,
            DecompressFault.Dictionary => _dictionary,
            DecompressFault.Memory => _memory,
            _ => _data,
        };
        counter.Inc();
    }

    /// <summary>It is a bomb.</summary>
    public void CountTooLarge()
    {
        foreach (var counter in _tooLarge)
            counter.Inc();
    }

    /// <summary>Something comes behind its end, and is left out. An error for brotli only.</summary>
    public void CountRedundant()
    {
        foreach (var counter in _redundant)
            counter.Inc();
    }
}
