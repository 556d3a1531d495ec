using System.Text;
using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;

namespace Weft.Proxy.NetworkFilters.TcpProxy.Tunneling;

/// <summary>The headers or trailers with which a proxy answered for a tunnel, as they were. Immutable.</summary>
internal sealed class HeadersState : FilterStateValue
{
    /// <summary>Its name in the filter state of the client's connection.</summary>
    public const string ResponseHeaders = "envoy.tcp_proxy.propagate_response_headers";

    public const string ResponseTrailers = "envoy.tcp_proxy.propagate_response_trailers";

    private readonly (byte[] Name, byte[] Value)[] _headers;

    public HeadersState(HeaderMap headers)
    {
        _headers = new (byte[], byte[])[headers.Count];
        for (var i = 0; i < headers.Count; i++)
            _headers[i] = (headers.NameAt(i).ToArray(), headers.ValueAt(i).ToArray());
    }

    public override IMessage ToMessage() => new Envoy.Config.Core.V3.HeaderMap
    {
        Headers = { _headers.Select(static header => new Envoy.Config.Core.V3.HeaderValue { Key = Encoding.UTF8.GetString(header.Name), Value = Encoding.UTF8.GetString(header.Value) }) },
    };

    /// <summary>As a core.v3.HeaderMap.</summary>
    public override bool TryWriteJson(ByteWriter output)
    {
        output.Write("{\"headers\":["u8);
        for (var i = 0; i < _headers.Length; i++)
        {
            output.Write(i == 0 ? "{\"key\":"u8 : ",{\"key\":"u8);
            JsonText.WriteString(output, _headers[i].Name);
            output.Write(",\"value\":"u8);
            JsonText.WriteString(output, _headers[i].Value);
            output.Write((byte)'}');
        }

        output.Write("]}"u8);
        return true;
    }
}
