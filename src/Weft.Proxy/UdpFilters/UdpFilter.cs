using Weft.Net;
using Weft.Net.Udp;
using Weft.Proxy.Workers;

namespace Weft.Proxy.UdpFilters;

/// <summary>A datagram that came to a UDP listener; valid during the call.</summary>
internal readonly ref struct Datagram
{
    /// <summary>Where to answer.</summary>
    public required UdpListenSocket Socket { get; init; }

    /// <summary>Who sent it.</summary>
    public required NetAddress From { get; init; }

    /// <summary>The address and port it was sent to.</summary>
    public required NetAddress To { get; init; }

    public required ReadOnlySpan<byte> Data { get; init; }
}

/// <summary>One filter of a UDP listener on one worker. Every call comes on that worker; nothing may block.</summary>
internal abstract class UdpFilter
{
    /// <summary>False: the filter has taken it, and those behind do not see it.</summary>
    public abstract bool OnDatagram(in Datagram datagram);

    /// <summary>Receiving failed.</summary>
    public virtual void OnReceiveError()
    {
    }

    /// <summary>The listener is gone: ends what was begun.</summary>
    public virtual void End()
    {
    }
}

/// <summary>Makes a configured filter for each worker. Immutable.</summary>
internal abstract class UdpFilterFactory
{
    public abstract UdpFilter Create(Worker worker);
}
