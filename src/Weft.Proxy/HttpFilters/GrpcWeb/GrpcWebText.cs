using System.Buffers;
using System.Buffers.Text;
using Weft.Base.Buffers;
using Weft.Http.Grpc;

namespace Weft.Proxy.HttpFilters.GrpcWeb;

/// <summary>One direction of a gRPC-Web body in base64 (application/grpc-web-text). Pooled with its filter; what it gives is valid until its next call.</summary>
internal sealed class GrpcWebText
{
    private readonly ByteWriter _kept = new(0);
    private readonly ByteWriter _output = new(0);
    private long _frameLeft;

    public void Reset()
    {
        _kept.Clear();
        _output.Clear();
        _frameLeft = 0;
    }

    /// <summary>Decodes whole groups of four characters and keeps the rest; false for what is no base64.</summary>
    public bool TryDecode(ReadOnlySpan<byte> text, bool isLast, out ReadOnlySpan<byte> decoded)
    {
        decoded = default;
        _kept.Write(text);
        var whole = _kept.Length / 4 * 4;
        if (isLast && whole < _kept.Length)
            return false;
        _output.Clear();
        var room = _output.GetSpan(Base64.GetMaxDecodedFromUtf8Length(whole));
        if (Base64.DecodeFromUtf8(_kept.Written[..whole], room, out var read, out var written) != OperationStatus.Done || read != whole)
            return false;
        _output.Advance(written);
        KeepFrom(whole);
        decoded = _output.Written;
        return true;
    }

    /// <summary>Encodes each frame by itself, as far as it is there; less than three bytes of it wait for more.</summary>
    public ReadOnlySpan<byte> EncodeFrames(ReadOnlySpan<byte> data)
    {
        _kept.Write(data);
        _output.Clear();
        var at = 0;
        while (true)
        {
            if (_frameLeft == 0)
                _frameLeft = Math.Max(0, GrpcPrefix.LengthOf(_kept.Written[at..]));
            var length = (int)Math.Min(_frameLeft, _kept.Length - at);
            if (length < _frameLeft)
                length -= length % 3;
            if (length == 0)
                break;
            Encode(_kept.Written.Slice(at, length));
            _frameLeft -= length;
            at += length;
        }

        KeepFrom(at);
        return _output.Written;
    }

    private void Encode(ReadOnlySpan<byte> bytes)
    {
        var room = _output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Base64.EncodeToUtf8(bytes, room, out _, out var written);
        _output.Advance(written);
    }

    private void KeepFrom(int start)
    {
        if (start == 0)
            return;
        var rest = _kept.Written[start..];
        _kept.Clear();
        rest.CopyTo(_kept.GetSpan(rest.Length));
        _kept.Advance(rest.Length);
    }
}
