namespace Weft.Proxy.AccessLogs;

/// <summary>A piece of memory that one thread fills with lines and the flush thread empties, possibly at the same time.</summary>
internal sealed class LogChunk(int size)
{
    public readonly byte[] Bytes = new byte[size];

    /// <summary>Bytes that are complete lines; written by the filling thread with release.</summary>
    public int Filled;

    /// <summary>The chunk filled after this one; set, with release, when nothing more comes into this one.</summary>
    public LogChunk? Next;
}
