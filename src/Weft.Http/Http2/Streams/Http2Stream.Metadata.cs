using Weft.Base.Buffers;

namespace Weft.Http.Http2.Streams;

// Metadata: passed on at once in both directions, whatever of the message waits.
public sealed partial class Http2Stream
{
    private ByteWriter? _metadata;
    private bool _metadataTaken;

    /// <summary>Writes a header block of metadata, as <see cref="IHttp2StreamHandler.OnMetadata"/> gives it; nothing where the connection has none.</summary>
    public void WriteMetadata(ReadOnlySpan<byte> block)
    {
        if (IsShutForGood) return;
        Connection.WriteMetadata(Id, block);
        Connection.NoteOutput();
    }

    /// <summary>A piece of a block has come; false when there is more of it than is taken.</summary>
    internal bool AddMetadata(ReadOnlySpan<byte> payload, int mostBytes)
    {
        _metadata ??= new ByteWriter();
        if (_metadataTaken) _metadata.Clear();
        _metadataTaken = false;
        if (_metadata.Length + payload.Length > mostBytes) return false;
        _metadata.Write(payload);
        return true;
    }

    /// <summary>The block that is now complete; valid until the next piece.</summary>
    internal ReadOnlySpan<byte> TakeMetadata()
    {
        _metadataTaken = true;
        return _metadata!.Written;
    }

    // A buffer that may have grown large is not kept in the pool.
    private void ClearMetadata() => _metadata = null;
}
