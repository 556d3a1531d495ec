using Weft.Net;
using Weft.Proxy.Listeners;

namespace Weft.Proxy.NetworkFilters;

/// <summary>What a network filter says after an event.</summary>
public enum NetworkFilterStatus : byte
{
    /// <summary>Go on to the next filter.</summary>
    Continue,

    /// <summary>Stop here. A terminal filter always says so; another keeps the connection waiting until it calls <see cref="DownstreamConnection.ContinueReading"/>: data, with the piece that it stopped, is kept for the filters behind, and reading pauses.</summary>
    Stop,
}

/// <summary>
/// One filter of one downstream connection. Every call comes on the connection's worker; nothing may block. The last
/// filter of a chain is terminal: it consumes the data (TcpProxy, HttpConnectionManager).
/// </summary>
public abstract class NetworkFilter
{
    /// <summary>The connection; set before any call.</summary>
    public DownstreamConnection Connection { get; internal set; } = null!;

    /// <summary>The connection was accepted; before any data.</summary>
    public virtual NetworkFilterStatus OnNewConnection() => NetworkFilterStatus.Continue;

    /// <summary>Bytes arrived (valid during the call), or the peer's FIN with <paramref name="endStream"/>.</summary>
    public abstract NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>The connection is gone, in whatever way; nothing follows.</summary>
    public virtual void OnClosed(CloseReason reason)
    {
    }

    /// <summary>Output to the client rose above the buffer limit: stop producing.</summary>
    public virtual void OnAboveHighWatermark()
    {
    }

    public virtual void OnBelowLowWatermark()
    {
    }

    /// <summary>The listener drains: finish what runs, then close.</summary>
    public virtual void OnDrain()
    {
    }
}

/// <summary>Makes the filter of each new connection; one per configured filter, shared by all workers.</summary>
public abstract class NetworkFilterFactory
{
    /// <summary>Consumes the data: must be the last of its chain, and the last must be one.</summary>
    public abstract bool IsTerminal { get; }

    public abstract NetworkFilter Create(Workers.Worker worker);
}
