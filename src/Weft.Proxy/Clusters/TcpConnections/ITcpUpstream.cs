using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Stats;

namespace Weft.Proxy.Clusters.TcpConnections;

/// <summary>A stream of bytes to an endpoint and back: a TCP connection, or a tunnel through a proxy. Worker thread.</summary>
internal interface ITcpUpstream
{
    Endpoint Endpoint { get; }

    /// <summary>A number for logs, unique in the process.</summary>
    long Id { get; }

    NetAddress LocalAddress { get; }

    /// <summary>Which of the endpoint's addresses answered.</summary>
    NetAddress RemoteAddress { get; }

    /// <summary>Its handshake; null in clear text.</summary>
    TlsFacts? Tls { get; }

    /// <summary>So far; it grows while the endpoint takes what it was sent.</summary>
    long BytesSent { get; }

    void Write(ReadOnlySpan<byte> data);

    /// <summary>Nothing more is written; the endpoint may still send.</summary>
    void ShutdownWrite();

    void PauseReading();

    void ResumeReading();

    /// <summary>Ends it at once; the handler hears nothing more.</summary>
    void Close();

    /// <summary>Delivers what was written as far as that is possible, then closes; the handler hears nothing more.</summary>
    /// <param name="stats">Count it while it lasts; null: nobody does.</param>
    void CloseAfterFlush(TcpProxyStats? stats);
}
