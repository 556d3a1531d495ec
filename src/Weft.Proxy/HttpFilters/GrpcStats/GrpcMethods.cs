using System.Collections.Concurrent;
using System.Text;
using Envoy.Config.Core.V3;
using Weft.Base.Stats;
using Weft.Net;

namespace Weft.Proxy.HttpFilters.GrpcStats;

/// <summary>The methods that are counted each by itself: those of a list, or all that are called. Any thread.</summary>
internal sealed class GrpcMethods
{
    /// <summary>Names come from requests: more of them are counted with their cluster only.</summary>
    private const int MaxMethods = 1000;

    private const int MaxNameBytes = 256;

    private readonly ConcurrentDictionary<string, GrpcMethod> _methods = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, GrpcMethod>.AlternateLookup<ReadOnlySpan<char>> _byText;
    private readonly string _protocol;
    private readonly StatsStore _store;
    private readonly EventLoop _main;
    private readonly bool _takesAll;
    private readonly bool _replacesDots;

    /// <summary>Calls of methods that are counted with their cluster only because there are too many, or because their names are too long.</summary>
    private readonly Counter _dropped;

    /// <param name="store">Takes the statistics.</param>
    /// <param name="main">Where their names are made.</param>
    /// <param name="list">individual_method_stats_allowlist; null: there is none.</param>
    /// <param name="takesAll">stats_for_all_methods.</param>
    /// <param name="replacesDots">replace_dots_in_grpc_service_name.</param>
    /// <param name="protocol">What clients speak: <c>grpc</c> or <c>grpc-web</c>.</param>
    public GrpcMethods(StatsStore store, EventLoop main, GrpcMethodList? list, bool takesAll, bool replacesDots, string protocol = "grpc")
    {
        (_store, _main, _takesAll, _replacesDots, _protocol) = (store, main, takesAll, replacesDots, protocol);
        _byText = _methods.GetAlternateLookup<ReadOnlySpan<char>>();
        _dropped = takesAll ? store.Scope("grpc_stats.").Counter("methods_dropped") : default;
        foreach (var service in list?.Services ?? [])
        {
            foreach (var method in service.MethodNames)
                _methods.TryAdd($"{service.Name}/{method}", Make(service.Name, method));
        }
    }

    /// <summary>The method of a call; null when it is not counted by itself. Allocates only when it is new.</summary>
    /// <param name="name"><c>service/method</c>.</param>
    public GrpcMethod? Find(ReadOnlySpan<byte> name)
    {
        if (!_takesAll && _methods.IsEmpty)
            return null;
        if (name.Length > MaxNameBytes)
            return Drop();
        Span<char> text = stackalloc char[MaxNameBytes];
        var known = text[..Encoding.UTF8.GetChars(name, text)];
        if (_byText.TryGetValue(known, out var method))
            return method;
        if (!_takesAll)
            return null;
        if (_methods.Count >= MaxMethods)
            return Drop();
        var slash = known.IndexOf('/');
        return _methods.GetOrAdd(known.ToString(), Make(known[..slash].ToString(), known[(slash + 1)..].ToString()));
    }

    /// <summary><c>service/method</c> of a path; empty when it is none.</summary>
    public static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> path)
    {
        if (path.IndexOf((byte)'?') is >= 0 and var query)
            path = path[..query];
        if (path.Length < 4 || path[0] != '/')
            return default;
        var name = path[1..];
        var slash = name.IndexOf((byte)'/');
        return slash > 0 && slash + 1 < name.Length && !name[(slash + 1)..].Contains((byte)'/') ? name : default;
    }

    private GrpcMethod? Drop()
    {
        _dropped.Inc();
        return null;
    }

    private GrpcMethod Make(string service, string method) => new($"{_protocol}.{(_replacesDots ? service.Replace('.', '_') : service)}.{method}", _store, _main);
}
