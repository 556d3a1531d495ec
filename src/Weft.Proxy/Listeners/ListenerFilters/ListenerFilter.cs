namespace Weft.Proxy.Listeners.ListenerFilters;

/// <summary>What a listener filter says after it has looked.</summary>
public enum ListenerFilterStatus : byte
{
    /// <summary>Go on to the next filter.</summary>
    Continue,

    /// <summary>It needs (more) bytes.</summary>
    NeedsMore,

    /// <summary>Close the connection.</summary>
    Close,
}

/// <summary>
/// One filter of one connection that has no filter chain yet: it looks at the connection's first bytes and writes down what it finds. Every call
/// comes on the connection's worker; nothing may block.
/// </summary>
public abstract class ListenerFilter
{
    /// <summary>Its turn has come; nothing of the connection's bytes is known yet.</summary>
    public virtual ListenerFilterStatus OnAccept(AcceptedConnection connection) => ListenerFilterStatus.NeedsMore;

    /// <summary>All bytes so far that no filter has taken; called again with more of them.</summary>
    /// <param name="connection">Where to write down what was found.</param>
    /// <param name="data">Valid during the call.</param>
    /// <param name="consumed">How many of them are for this filter only; counts with <see cref="ListenerFilterStatus.Continue"/>.</param>
    public virtual ListenerFilterStatus OnData(AcceptedConnection connection, ReadOnlySpan<byte> data, out int consumed)
    {
        consumed = 0;
        return ListenerFilterStatus.Continue;
    }
}

/// <summary>Makes the filter of each new connection; one per configured filter, shared by all workers.</summary>
public abstract class ListenerFilterFactory
{

    public abstract ListenerFilter Create();
}
