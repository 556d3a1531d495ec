using System.Runtime.InteropServices;

namespace Weft.Base.Compression;

/// <summary>Zstandard (RFC 8878) by the system's libzstd, which is loaded when it is first asked for. Any thread.</summary>
internal static unsafe partial class Zstd
{
    public const int Continue = 0;
    public const int Flush = 1;
    public const int End = 2;

    public const int CompressionLevel = 100;
    public const int Strategy = 107;
    public const int Checksum = 201;
    public const int MaxWindowBits = 100;

    private const string Library = "libzstd.so.1";

    private static readonly Lazy<bool> s_isAvailable = new(static () => NativeLibrary.TryLoad(Library, typeof(Zstd).Assembly, null, out _));

    /// <summary>Debian's libzstd1 is there.</summary>
    public static bool IsAvailable => s_isAvailable.Value;

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer, which have one form.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Buffer
    {
        public byte* Bytes;
        public nuint Size;
        public nuint Position;
    }

    public static bool IsError(nuint result) => IsErrorCode(result) != 0;

    /// <summary>What an error is about: zstd_errors.h, whose numbers are part of the library's interface.</summary>
    public static DecompressFault FaultOf(nuint error) => GetErrorCode(error) switch
    {
        22 => DecompressFault.Checksum,
        30 or 32 => DecompressFault.Dictionary,
        64 => DecompressFault.Memory,
        _ => DecompressFault.Data,
    };

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    public static partial nint CreateCompressor();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    public static partial nuint FreeCompressor(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setParameter")]
    public static partial nuint SetCompressor(nint context, int parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressStream2")]
    public static partial nuint Compress(nint context, Buffer* output, Buffer* input, int end);

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    public static partial nint CreateDecompressor();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    public static partial nuint FreeDecompressor(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_setParameter")]
    public static partial nuint SetDecompressor(nint context, int parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    public static partial nuint Decompress(nint context, Buffer* output, Buffer* input);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorCode")]
    private static partial int GetErrorCode(nuint result);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsErrorCode(nuint result);
}
