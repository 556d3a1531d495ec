using Envoy.Config.Route.V3;
using Weft.Proxy.Matching;
using Weft.Proxy.Routing.Scopes;

namespace Weft.Proxy.XdsClient.Scopes;

/// <summary>Scopes must have different names and different keys.</summary>
internal static class ScopeConflicts
{
    /// <summary>The first conflict in words; null when there is none.</summary>
    public static string? Find(IEnumerable<ScopedRouteConfiguration> scopes)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var byKey = new Dictionary<byte[], string>(BytesKey.Instance);
        foreach (var scope in scopes)
        {
            if (!names.Add(scope.Name))
                return $"duplicate scoped route configuration '{scope.Name}' found";
            var key = ScopeKeyBuilder.KeyOf(scope);
            if (!byKey.TryAdd(key, scope.Name))
                return $"scope key conflict found, first scope is '{byKey[key]}', second scope is '{scope.Name}'";
        }

        return null;
    }
}
