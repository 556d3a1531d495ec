using Weft.Http;
using Weft.Net;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers.AddressDetection;

/// <summary>
/// A way to find out who the client is where the connection comes from another proxy (an original_ip_detection extension). Immutable; any thread; no
/// allocation.
/// </summary>
internal abstract class AddressDetector
{
    /// <summary>What becomes of requests in which it finds nothing; null: the next one is asked.</summary>
    public virtual RequestVerdict? Rejection => null;

    /// <summary>The peer's address is appended to x-forwarded-for; by default it is not.</summary>
    public virtual bool AppendsPeer(NetAddress peer) => false;

    /// <summary>The client's address, if the request tells.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="peer">Who the connection comes from.</param>
    /// <param name="address">What was found.</param>
    /// <param name="mayBeInternal">It is known well enough to be believed when it is an internal one.</param>
    public abstract bool TryDetect(HeaderMap headers, NetAddress peer, out NetAddress address, out bool mayBeInternal);
}
