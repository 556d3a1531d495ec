using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.StatefulSession;

/// <summary>Where a client carries the address of its session's endpoint, and in what form. Immutable; any thread.</summary>
internal abstract class SessionState
{
    /// <summary>Requests that have no part in sessions are left alone.</summary>
    public virtual bool AppliesTo(HeaderMap request) => true;

    /// <summary>Appends the address that the request carries; nothing when it carries none that can be read.</summary>
    /// <param name="request">Its headers.</param>
    /// <param name="now">Wall-clock time.</param>
    /// <param name="address">Gets the address.</param>
    public abstract void Read(HeaderMap request, DateTime now, ByteWriter address);

    /// <summary>Tells the client the address of the endpoint that served it.</summary>
    public abstract void Write(ReadOnlySpan<byte> address, DateTime now, HeaderMap response);
}
