using Weft.Http;
using Weft.Proxy.Routing.Explaining;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Routing;

/// <summary>The routes of a virtual host in order: the first that matches wins. Immutable; any thread; no allocation.</summary>
internal sealed class RouteList
{
    /// <summary>From here on an index pays.</summary>
    private const int IndexedFrom = 9;

    /// <summary>Without routes.</summary>
    public static readonly RouteList Empty = new([]);

    private readonly RouteEntry[] _entries;
    private readonly RouteIndex? _index;

    public RouteList(RouteEntry[] entries)
    {
        _entries = entries;
        if (entries.Length >= IndexedFrom) _index = RouteIndex.Build(Array.ConvertAll(entries, static entry => entry.Literal));
    }

    public int Count => _entries.Length;

    public Route? Match(in RouteRequest request, bool ignorePathParameters)
    {
        var isConnect = IsConnect(request.Headers);
        if (!request.Headers.Has(KnownHeader.Path)) return MatchWithoutPath(isConnect, request);
        var path = MatchedPath(request.Headers, ignorePathParameters);
        return _index is null ? MatchInOrder(path, isConnect, request) : MatchByIndex(path, isConnect, request);
    }

    /// <summary>Tries the routes in order, as <see cref="Match"/> does by its index, and tells of each why it does not match.</summary>
    public Route? Explain(in RouteRequest request, bool ignorePathParameters, List<TriedRoute> tried)
    {
        var isConnect = IsConnect(request.Headers);
        var hasPath = request.Headers.Has(KnownHeader.Path);
        var path = MatchedPath(request.Headers, ignorePathParameters);
        foreach (var entry in _entries)
        {
            var mismatch = hasPath || entry.MatchesWithoutPath ? entry.Mismatch(path, isConnect, request) : "the request has no path";
            tried.Add(new TriedRoute(entry.Origin, mismatch, entry.Target));
            if (mismatch is null) return entry.Match(path, isConnect, request);
        }

        return null;
    }

    private static ReadOnlySpan<byte> MatchedPath(HeaderMap headers, bool ignorePathParameters)
    {
        var path = PathText.WithoutQuery(headers.Get(KnownHeader.Path));
        if (!ignorePathParameters) return path;
        var semicolon = path.IndexOf((byte)';');
        return semicolon >= 0 ? path[..semicolon] : path;
    }

    private static bool IsConnect(HeaderMap headers)
        => headers.Get(KnownHeader.Method).SequenceEqual("CONNECT"u8)
            || AsciiBytes.EqualsIgnoreCase(headers.Get(KnownHeader.Upgrade), "connect-udp"u8);

    private Route? MatchInOrder(ReadOnlySpan<byte> path, bool isConnect, in RouteRequest request)
    {
        foreach (var entry in _entries)
        {
            if (entry.Match(path, isConnect, request) is { } route) return route;
        }

        return null;
    }

    private Route? MatchWithoutPath(bool isConnect, in RouteRequest request)
    {
        foreach (var entry in _entries)
        {
            if (entry.MatchesWithoutPath && entry.Match(default, isConnect, request) is { } route) return route;
        }

        return null;
    }

    private Route? MatchByIndex(ReadOnlySpan<byte> path, bool isConnect, in RouteRequest request)
    {
        var candidates = new RouteIndex.Candidates(_index!, path, stackalloc int[RouteIndex.MaxDepth], stackalloc int[RouteIndex.MaxDepth]);
        while (candidates.Next() is >= 0 and var at)
        {
            if (_entries[at].Match(path, isConnect, request) is { } route) return route;
        }

        return null;
    }
}
