using System.Text;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Streams;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using ServerTransformation = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.ServerHeaderTransformation;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>The connection manager's rules for response heads, compiled: date, server, via, hop-by-hop headers, x-request-id, proxy-status. Immutable, shared by all workers.</summary>
internal sealed class ResponseHeaderRules
{
    private static readonly HeaderName s_via = new(KnownHeader.Via);

    private readonly ServerTransformation _server;
    private readonly byte[] _serverName;
    private readonly byte[] _viaValue;
    private readonly bool _alwaysSetsRequestId;
    private readonly ProxyStatusHeader? _proxyStatus;

    private ResponseHeaderRules(HcmMessage source, string nodeId)
    {
        _server = source.ServerHeaderTransformation;
        _serverName = Encoding.UTF8.GetBytes(source.ServerName.Length > 0 ? source.ServerName : "envoy");
        _viaValue = Encoding.UTF8.GetBytes(source.Via);
        _alwaysSetsRequestId = source.AlwaysSetRequestIdInResponse;
        _proxyStatus = ProxyStatusHeader.Create(source.ProxyStatusConfig, Encoding.UTF8.GetString(_serverName), nodeId);
    }

    public static ResponseHeaderRules Create(HcmMessage source, FactoryContext context) => new(source, context.Node.Id);

    /// <summary>Changes a response head just before it is encoded. No allocation.</summary>
    /// <param name="now">For the date header.</param>
    public void Apply(HeaderMap response, HeaderMap request, StreamInfo info, DateTime now)
    {
        if (!response.Has(KnownHeader.Date)) SetDate(response, now);
        if (_server == ServerTransformation.Overwrite || (_server == ServerTransformation.AppendIfAbsent && !response.Has(KnownHeader.Server)))
            response.Set(KnownHeader.Server, _serverName);

        var isUpgrade = HopByHop.IsUpgrade(request) && HopByHop.IsUpgrade(response);
        // An answer other than 101 to an upgrade that says nothing of a body has none.
        var saysNothingOfBody = isUpgrade && !response.Has(KnownHeader.TransferEncoding) && !response.Has(KnownHeader.ContentLength) && response.Status >= 200;
        HopByHop.Strip(response, keepUpgrade: isUpgrade);
        if (saysNothingOfBody) response.Set(KnownHeader.ContentLength, 0);

        if ((_alwaysSetsRequestId || request.Has(KnownHeader.XEnvoyForceTrace)) && request.Has(KnownHeader.XRequestId))
            response.Set(KnownHeader.XRequestId, request.Get(KnownHeader.XRequestId));
        if (_viaValue.Length > 0) response.Append(s_via, _viaValue, ", "u8);
        _proxyStatus?.Apply(response, info);
    }

    private static void SetDate(HeaderMap response, DateTime now)
    {
        Span<byte> date = stackalloc byte[HttpDate.Length];
        HttpDate.Format((now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond, date);
        response.Set(KnownHeader.Date, date);
    }
}
