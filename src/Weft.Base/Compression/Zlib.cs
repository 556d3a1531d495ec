using System.Runtime.InteropServices;

namespace Weft.Base.Compression;

/// <summary>
/// zlib as the .NET runtime carries it, called directly: its streams can only be pulled, allocate per body, and throw for what a peer sends.
/// </summary>
internal static unsafe partial class Zlib
{
    public const int Ok = 0;
    public const int StreamEnd = 1;
    public const int MemoryError = -4;
    public const int BufferError = -5;
    public const int NoFlush = 0;
    public const int SyncFlush = 2;
    public const int Finish = 4;

    /// <summary>Added to window bits: with gzip's header and trailer.</summary>
    public const int GzipFormat = 16;

    private const string Library = "libSystem.IO.Compression.Native";
    private const int Deflated = 8;

    /// <summary>The runtime's view of a z_stream.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ZStream
    {
        public byte* NextIn;
        public byte* NextOut;
        public byte* Message;
        public void* Internal;
        public uint AvailableIn;
        public uint AvailableOut;
    }

    public static int BeginDeflate(ZStream* stream, int level, int windowBits, int memoryLevel, int strategy)
        => DeflateInit(stream, level, Deflated, windowBits, memoryLevel, strategy);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Deflate")]
    public static partial int Deflate(ZStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateEnd")]
    public static partial int EndDeflate(ZStream* stream);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateInit2_")]
    public static partial int BeginInflate(ZStream* stream, int windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Inflate")]
    public static partial int Inflate(ZStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateEnd")]
    public static partial int EndInflate(ZStream* stream);

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateInit2_")]
    private static partial int DeflateInit(ZStream* stream, int level, int method, int windowBits, int memoryLevel, int strategy);
}
