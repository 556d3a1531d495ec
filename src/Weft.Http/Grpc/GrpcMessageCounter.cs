namespace Weft.Http.Grpc;

/// <summary>Counts the messages of a gRPC body that comes in pieces, by their frames, without keeping any of it. The default value is ready for a new body.</summary>
public struct GrpcMessageCounter
{
    private int _headerBytes;
    private uint _length;
    private long _left;

    /// <summary>Passes a piece of the body; returns how many messages begin in it (the last byte of their header is in it).</summary>
    public int Count(ReadOnlySpan<byte> data)
    {
        var count = 0;
        while (!data.IsEmpty)
        {
            if (_left > 0)
            {
                var skipped = (int)Math.Min(_left, data.Length);
                _left -= skipped;
                data = data[skipped..];
                continue;
            }

            if (_headerBytes > 0) _length = _length << 8 | data[0];
            data = data[1..];
            if (++_headerBytes < GrpcPrefix.Bytes) continue;
            _left = _length;
            _headerBytes = 0;
            _length = 0;
            count++;
        }

        return count;
    }
}
