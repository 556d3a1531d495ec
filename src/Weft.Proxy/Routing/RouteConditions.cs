using System.Text;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using RouteMatch = Envoy.Config.Route.V3.RouteMatch;

namespace Weft.Proxy.Routing;

/// <summary>What a RouteMatch asks for besides the path: share of requests, gRPC, headers, query parameters, cookies, TLS, metadata, filter state. Immutable; any thread.</summary>
internal sealed class RouteConditions
{
    private readonly RouteMatch _source;
    private readonly RuntimeFraction? _fraction;
    private readonly bool _grpc;
    private readonly HeaderMatcher[] _headers;
    private readonly QueryParameterMatcher[] _parameters;
    private readonly CookieMatcher[] _cookies;
    private readonly bool? _certificatePresented;
    private readonly bool? _certificateValidated;
    private readonly MetadataMatcher[] _metadata;
    private readonly FilterStateMatcher[] _filterState;

    private RouteConditions(RouteMatch match, ConfigContext context)
    {
        _source = match;
        if (match.RuntimeFraction is { } fraction) _fraction = RuntimeFraction.From(fraction);
        _grpc = match.Grpc is not null;
        _headers = HeaderMatcher.Create(match.Headers, context);
        _parameters = QueryParameterMatcher.Create(match.QueryParameters, context);
        _cookies = CookieMatcher.Create(match.Cookies, context);
        _certificatePresented = match.TlsContext?.Presented;
        _certificateValidated = match.TlsContext?.Validated;
        _metadata = [.. match.DynamicMetadata.Select(metadata => new MetadataMatcher(metadata, context))];
        _filterState = [.. match.FilterState.Select(state => new FilterStateMatcher(state, context))];
    }

    /// <summary>Null when there is nothing to ask.</summary>
    public static RouteConditions? Create(RouteMatch match, ConfigContext context)
    {
        var conditions = new RouteConditions(match, context);
        var empty = conditions is
        {
            _fraction: null, _grpc: false, _headers.Length: 0, _parameters.Length: 0, _certificatePresented: null, _certificateValidated: null, _metadata.Length: 0,
            _filterState.Length: 0, _cookies.Length: 0,
        };
        return empty ? null : conditions;
    }

    public bool Hold(in RouteRequest request)
    {
        if (!FractionHolds(request)) return false;
        if (_grpc && !GrpcRequest.Is(request.Headers)) return false;
        return HeaderMatcher.AllMatch(_headers, request.Headers)
            && (_parameters.Length == 0 || QueryParameterMatcher.AllMatch(_parameters, request.Headers.Get(KnownHeader.Path)))
            && IndexOfCookieMismatch(request.Headers) < 0
            && CertificateHolds(request.Info)
            && MetadataHolds(request.Info)
            && IndexOfFilterStateMismatch(request.Info) < 0;
    }

    /// <summary>The first thing that does not hold, for a person; null when all do.</summary>
    public string? Mismatch(in RouteRequest request)
    {
        if (!FractionHolds(request))
            return $"runtime_fraction{KeyOf(_fraction!.Value)} is not drawn by the random value {request.Info.RandomValue}";
        if (_grpc && !GrpcRequest.Is(request.Headers)) return "grpc: the content-type is not application/grpc";
        for (var i = 0; i < _headers.Length; i++)
        {
            if (!_headers[i].IsMatch(request.Headers)) return $"headers[{i}] {_source.Headers[i]} does not match {Value(request.Headers, _source.Headers[i].Name)}";
        }

        var path = request.Headers.Get(KnownHeader.Path);
        for (var i = 0; i < _parameters.Length; i++)
        {
            if (!_parameters[i].IsMatch(path)) return $"query_parameters[{i}] {_source.QueryParameters[i]} does not match {Encoding.UTF8.GetString(path)}";
        }

        if (IndexOfCookieMismatch(request.Headers) is >= 0 and var cookie) return $"cookies[{cookie}] {_source.Cookies[cookie]} does not match";
        if (!CertificateHolds(request.Info)) return $"tls_context {_source.TlsContext} does not fit the client's certificate";
        if (!MetadataHolds(request.Info)) return "dynamic_metadata does not match";
        return IndexOfFilterStateMismatch(request.Info) is >= 0 and var index ? $"filter_state[{index}] {_source.FilterState[index]} does not match" : null;
    }

    private bool FractionHolds(in RouteRequest request) => _fraction is not { } fraction || request.Runtime.IsEnabled(fraction, request.Info.RandomValue);

    private bool CertificateHolds(StreamInfo info)
    {
        if (_certificatePresented is { } presented && presented != (info.DownstreamTls is { HasPeerCertificate: true })) return false;
        return _certificateValidated is not { } validated || validated == (info.DownstreamTls is { IsPeerValidated: true });
    }

    private bool MetadataHolds(StreamInfo info)
    {
        foreach (var matcher in _metadata)
        {
            if (!matcher.IsMatch(info.DynamicMetadata)) return false;
        }

        return true;
    }

    /// <summary>Below 0 when there is none.</summary>
    private int IndexOfCookieMismatch(HeaderMap headers)
    {
        for (var i = 0; i < _cookies.Length; i++)
        {
            if (!_cookies[i].IsMatch(headers)) return i;
        }

        return -1;
    }

    /// <summary>Below 0 when there is none.</summary>
    private int IndexOfFilterStateMismatch(StreamInfo info)
    {
        for (var i = 0; i < _filterState.Length; i++)
        {
            if (!_filterState[i].IsMatch(info.FilterState)) return i;
        }

        return -1;
    }

    private static string KeyOf(RuntimeFraction fraction)
        => $" {fraction.Numerator}/{fraction.Denominator}" + (string.IsNullOrEmpty(fraction.Key) ? "" : $" (runtime key {fraction.Key})");

    private static string Value(HeaderMap headers, string name)
    {
        var index = headers.IndexOf(new HeaderName(name));
        return index < 0 ? "its absence" : $"'{Encoding.UTF8.GetString(HeaderValues.Joined(headers, new HeaderName(name), index))}'";
    }
}

/// <summary>Tells gRPC requests by their content type.</summary>
internal static class GrpcRequest
{
    /// <summary><c>application/grpc</c>, alone or followed by <c>+</c> and an encoding; <c>application/grpc-web</c> is none.</summary>
    public static bool Is(HeaderMap headers)
    {
        var type = headers.Get(KnownHeader.ContentType);
        return type.StartsWith("application/grpc"u8) && (type.Length == 16 || type[16] == '+');
    }
}
