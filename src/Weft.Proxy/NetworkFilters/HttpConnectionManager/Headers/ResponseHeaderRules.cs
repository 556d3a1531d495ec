using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Streams;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>The connection manager's rules for response heads, compiled. Immutable, shared by all workers.</summary>
internal sealed class ResponseHeaderRules
{
    public static ResponseHeaderRules Create(HcmMessage source, FactoryContext context) => throw new NotImplementedException();

    /// <summary>Changes a response head just before it is encoded. No allocation.</summary>
    /// <param name="now">For the date header.</param>
    public void Apply(HeaderMap response, HeaderMap request, StreamInfo info, DateTime now) => throw new NotImplementedException();
}
