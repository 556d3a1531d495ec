using Weft.Config;
using Weft.Http;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Runtime;
using RouteMatch = Envoy.Config.Route.V3.RouteMatch;

namespace Weft.Proxy.Routing;

/// <summary>What a RouteMatch asks for besides the path: share of requests, gRPC, headers, query parameters. Immutable; any thread.</summary>
internal sealed class RouteConditions
{
    private readonly RuntimeFraction? _fraction;
    private readonly bool _grpc;
    private readonly HeaderMatcher[] _headers;
    private readonly QueryParameterMatcher[] _parameters;

    private RouteConditions(RouteMatch match, ConfigContext context)
    {
        if (match.RuntimeFraction is { } fraction) _fraction = RuntimeFraction.From(fraction);
        _grpc = match.Grpc is not null;
        _headers = HeaderMatcher.Create(match.Headers, context);
        _parameters = QueryParameterMatcher.Create(match.QueryParameters, context);
    }

    /// <summary>Null when there is nothing to ask.</summary>
    public static RouteConditions? Create(RouteMatch match, ConfigContext context)
    {
        var conditions = new RouteConditions(match, context);
        var empty = conditions is { _fraction: null, _grpc: false, _headers.Length: 0, _parameters.Length: 0 };
        return empty ? null : conditions;
    }

    public bool Hold(in RouteRequest request)
    {
        if (_fraction is { } fraction && !request.Runtime.IsEnabled(fraction, request.Info.RandomValue)) return false;
        if (_grpc && !GrpcRequest.Is(request.Headers)) return false;
        return HeaderMatcher.AllMatch(_headers, request.Headers)
            && (_parameters.Length == 0 || QueryParameterMatcher.AllMatch(_parameters, request.Headers.Get(KnownHeader.Path)));
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
