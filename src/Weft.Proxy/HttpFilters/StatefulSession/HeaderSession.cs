using System.Buffers;
using System.Buffers.Text;
using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.StatefulSession;

/// <summary>The address in base64 in a header of request and response (envoy.http.stateful_session.header).</summary>
internal sealed class HeaderSession(HeaderName name) : SessionState
{
    private const int MaxBytes = 512;

    public override void Read(HeaderMap request, DateTime now, ByteWriter address)
    {
        Span<byte> decoded = stackalloc byte[MaxBytes];
        if (Base64.DecodeFromUtf8(request.Get(name), decoded, out _, out var length) == OperationStatus.Done)
            address.Write(decoded[..length]);
    }

    public override void Write(ReadOnlySpan<byte> address, DateTime now, HeaderMap response)
    {
        Span<byte> encoded = stackalloc byte[MaxBytes];
        if (Base64.EncodeToUtf8(address, encoded, out _, out var length) == OperationStatus.Done)
            response.Set(name, encoded[..length]);
    }
}
