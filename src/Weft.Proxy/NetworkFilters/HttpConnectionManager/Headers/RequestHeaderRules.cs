using Weft.Base;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Streams;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>What the connection manager decides about a request after its header rules.</summary>
/// <param name="Status">0: go on; else the local reply's status.</param>
/// <param name="Details">Response code details of the reply.</param>
/// <param name="IsRedirect">The reply redirects to the (normalised) :path.</param>
public readonly record struct RequestVerdict(int Status, string Details, ResponseFlags Flags, bool IsRedirect)
{
    public bool IsContinue => Status == 0;
}

/// <summary>The connection manager's rules for request heads, compiled. Immutable, shared by all workers.</summary>
internal sealed class RequestHeaderRules
{
    public static RequestHeaderRules Create(HcmMessage source, FactoryContext context) => throw new NotImplementedException();

    /// <summary>Checks and changes a request head, and works out the client's address. No allocation.</summary>
    public RequestVerdict Apply(HeaderMap headers, StreamInfo info, RandomSource random) => throw new NotImplementedException();
}
