namespace Weft.Base.Compression;

/// <summary>Why a body could not be decompressed.</summary>
public enum DecompressFault : byte
{
    /// <summary>It is not what it says it is, or it is cut off.</summary>
    Data,

    /// <summary>Its checksum does not fit what came out.</summary>
    Checksum,

    /// <summary>It was compressed with a dictionary that is not there.</summary>
    Dictionary,

    /// <summary>The library has no memory for it.</summary>
    Memory,
}
