using Weft.Base.Stats;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Listeners.ListenerFilters.TlsInspector;

/// <summary>envoy.filters.listener.tls_inspector: finds out whether a client speaks TLS, what name it asks for and which protocols it offers.</summary>
internal sealed class TlsInspectorFilter(TlsInspectorFactory config) : ListenerFilter
{
    public override ListenerFilterStatus OnData(AcceptedConnection connection, ReadOnlySpan<byte> data, out int consumed)
    {
        consumed = 0;
        switch (ClientHello.Read(data, out var hello, config.WantsJa3, config.WantsJa4))
        {
            case ClientHelloStatus.NeedsMore:
                return ListenerFilterStatus.NeedsMore;
            case ClientHelloStatus.TooLarge:
                config.ClientHelloTooLarge.Inc();
                config.BytesProcessed.Record(data.Length);
                return ListenerFilterStatus.Close;
            case ClientHelloStatus.NotTls:
                config.TlsNotFound.Inc();
                config.BytesProcessed.Record(data.Length);
                (connection.Metadata ??= new DynamicMetadata()).Set("envoy.filters.listener.tls_inspector", "failure_reason", "ClientHelloNotDetected"u8);
                return ListenerFilterStatus.Continue;
        }

        config.TlsFound.Inc();
        (hello!.ServerName.Length > 0 ? config.SniFound : config.SniNotFound).Inc();
        (hello.ApplicationProtocols.Count > 0 ? config.AlpnFound : config.AlpnNotFound).Inc();
        config.BytesProcessed.Record(data.Length);
        connection.TransportProtocol = FilterChains.FilterChainMatchInput.Tls;
        connection.ServerName = hello.ServerName;
        connection.Ja3Fingerprint = hello.Ja3Fingerprint;
        connection.Ja4Fingerprint = hello.Ja4Fingerprint;
        connection.ApplicationProtocols = hello.ApplicationProtocols;
        return ListenerFilterStatus.Continue;
    }
}

/// <summary>Makes the filters, and counts for them: <c>tls_inspector.*</c>.</summary>
internal sealed class TlsInspectorFactory : ListenerFilterFactory
{
    /// <param name="root">The scope without a name.</param>
    /// <param name="wantsJa3">enable_ja3_fingerprinting.</param>
    /// <param name="wantsJa4">enable_ja4_fingerprinting.</param>
    public TlsInspectorFactory(StatsScope root, bool wantsJa3, bool wantsJa4)
    {
        (WantsJa3, WantsJa4) = (wantsJa3, wantsJa4);
        var scope = root.Scope("tls_inspector.");
        ClientHelloTooLarge = scope.Counter("client_hello_too_large");
        TlsFound = scope.Counter("tls_found");
        TlsNotFound = scope.Counter("tls_not_found");
        AlpnFound = scope.Counter("alpn_found");
        AlpnNotFound = scope.Counter("alpn_not_found");
        SniFound = scope.Counter("sni_found");
        SniNotFound = scope.Counter("sni_not_found");
        BytesProcessed = scope.Histogram("bytes_processed", HistogramUnit.Bytes);
    }

    /// <summary>JA3 fingerprints of clients are wanted.</summary>
    public bool WantsJa3 { get; }

    /// <summary>JA4 fingerprints of clients are wanted.</summary>
    public bool WantsJa4 { get; }

    public Counter ClientHelloTooLarge { get; }

    public Counter TlsFound { get; }

    public Counter TlsNotFound { get; }

    public Counter AlpnFound { get; }

    public Counter AlpnNotFound { get; }

    public Counter SniFound { get; }

    public Counter SniNotFound { get; }

    public Histogram BytesProcessed { get; }

    public override ListenerFilter Create() => new TlsInspectorFilter(this);
}
