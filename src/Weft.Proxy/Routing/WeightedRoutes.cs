using System.Buffers.Text;
using Weft.Http;
using Weft.Proxy.Routing.HashPolicies;

namespace Weft.Proxy.Routing;

/// <summary>
/// The variants of one route, one per weighted cluster (one alone without weights), picked by the request's random value,
/// so that all that asks for the route of one request sees the same. Immutable; any thread.
/// </summary>
internal sealed class WeightedRoutes : IRouteTarget
{
    private readonly (Route Route, uint Weight, string RuntimeKey)[] _variants;
    private readonly bool _weightsFromRuntime;
    private readonly ulong _total;

    /// <param name="variants">With the runtime key of each weight, used when <paramref name="weightsFromRuntime"/>.</param>
    /// <param name="weightsFromRuntime">runtime_key_prefix is set.</param>
    public WeightedRoutes((Route Route, uint Weight, string RuntimeKey)[] variants, bool weightsFromRuntime)
    {
        _variants = variants;
        _weightsFromRuntime = weightsFromRuntime;
        foreach (var (_, weight, _) in variants) _total += weight;
    }

    /// <summary>WeightedCluster.header_name: a request's number in this header stands in for its random value.</summary>
    public HeaderName? RandomValueHeader { get; init; }

    /// <summary>use_hash_policy: the route's hash of the request stands in for its random value, where there is one.</summary>
    public HashPolicy? Hash { get; init; }

    public IEnumerable<(Route Route, uint Weight)> Variants => _variants.Select(static variant => (variant.Route, variant.Weight));

    public Route Pick(in RouteRequest request)
    {
        if (_variants.Length == 1) return _variants[0].Route;
        var total = _weightsFromRuntime ? TotalFromRuntime(request) : _total;
        if (total == 0) return _variants[0].Route;
        var left = RandomValue(request) % total;
        foreach (var (route, weight, key) in _variants)
        {
            var share = _weightsFromRuntime ? request.Runtime.GetInteger(key, weight) : weight;
            if (left < share) return route;
            left -= share;
        }

        return _variants[^1].Route;
    }

    private ulong TotalFromRuntime(in RouteRequest request)
    {
        ulong total = 0;
        foreach (var (_, weight, key) in _variants) total += request.Runtime.GetInteger(key, weight);
        return total;
    }

    private ulong RandomValue(in RouteRequest request)
    {
        if (RandomValueHeader is not { } name) return Hash?.Hash(request.Headers, request.Info, null) ?? request.Info.RandomValue;
        var index = request.Headers.IndexOf(name);
        // Several values would be picked from differently by different proxies.
        if (index < 0 || request.Headers.IndexOf(name, index + 1) >= 0) return request.Info.RandomValue;
        var value = request.Headers.ValueAt(index);
        return Utf8Parser.TryParse(value, out ulong number, out var read) && read == value.Length ? number : request.Info.RandomValue;
    }
}
