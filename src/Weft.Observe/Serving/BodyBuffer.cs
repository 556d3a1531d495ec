using Weft.Base.Compression;

namespace Weft.Observe.Serving;

/// <summary>Collects a body within the limits of one request and of the server. Loop thread.</summary>
internal sealed class BodyBuffer(ServingSocket server)
{
    private const int GzipWindowBits = 15;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>The status that ends the request; 0 while all is well.</summary>
    public int Fault { get; private set; }

    /// <summary>The client says how much comes: refused before it is read.</summary>
    public void Expect(long bytes)
    {
        if (bytes > server.Limits.MaxBodyBytes)
            Fault = 413;
    }

    public void Append(ReadOnlySpan<byte> piece)
    {
        if (Fault != 0 || !Reserve(_length + (long)piece.Length))
            return;
        piece.CopyTo(_bytes.AsSpan(_length));
        _length += piece.Length;
    }

    /// <summary>The body, made whole again where it was compressed; sets <see cref="Fault"/> when that cannot be.</summary>
    /// <param name="encoding">The content-encoding.</param>
    public ReadOnlyMemory<byte> Take(ReadOnlySpan<byte> encoding)
    {
        if (encoding.IsEmpty || encoding.SequenceEqual("identity"u8) || Fault != 0)
            return _bytes.AsMemory(0, _length);
        if (!encoding.SequenceEqual("gzip"u8))
        {
            Fault = 415;
            return default;
        }

        return Inflate();
    }

    /// <summary>The request is over: gives back what it held.</summary>
    public void Clear()
    {
        server.Load.PendingBytes -= _bytes.Length;
        (_bytes, _length, Fault) = ([], 0, 0);
    }

    private ReadOnlyMemory<byte> Inflate()
    {
        var compressed = _bytes.AsSpan(0, _length).ToArray();
        _length = 0;
        var gzip = new GzipDecompressor(GzipWindowBits);
        gzip.Begin();
        try
        {
            ReadOnlySpan<byte> rest = compressed;
            while (Reserve(Math.Max(_length + 1, _bytes.Length)))
            {
                var status = gzip.Write(ref rest, _bytes.AsSpan(_length), out var written);
                _length += written;
                if (gzip.IsComplete)
                    return _bytes.AsMemory(0, _length);
                if (status == DecompressStatus.OutputFull)
                    continue;
                Fault = 400;
                break;
            }
        }
        finally
        {
            gzip.End();
        }

        return default;
    }

    private bool Reserve(long bytes)
    {
        if (bytes <= _bytes.Length)
            return true;
        if (bytes > server.Limits.MaxBodyBytes)
            Fault = 413;
        var size = (int)Math.Min(Math.Max(bytes, Math.Max(1024, 2L * _bytes.Length)), server.Limits.MaxBodyBytes);
        if (Fault == 0 && server.Load.PendingBytes + size - _bytes.Length > server.Limits.MaxPendingBytes)
            Fault = 503;
        if (Fault != 0)
            return false;
        server.Load.PendingBytes += size - _bytes.Length;
        Array.Resize(ref _bytes, size);
        return true;
    }
}
