namespace Weft.Proxy.Routing;

/// <summary>
/// A prefix tree over what paths must begin with to match. Walking it along a path gives the routes that may match, and few
/// others, in their configured order. Immutable; any thread.
/// </summary>
/// <remarks>A route stands at the node of its literal; those without one (expressions, case-insensitive) stand at the root.</remarks>
internal sealed class RouteIndex
{
    /// <summary>Literals that are prefixes of one another, at most; beyond, no index is made.</summary>
    public const int MaxDepth = 32;

    private readonly Node[] _nodes;

    private RouteIndex(Node[] nodes) => _nodes = nodes;

    /// <summary>Null when the literals nest too deeply.</summary>
    public static RouteIndex? Build(ReadOnlyMemory<byte>[] literals)
    {
        var tree = new RouteIndexBuilder();
        for (var i = 0; i < literals.Length; i++) tree.Add(literals[i], i);
        return tree.Build(MaxDepth) is { } nodes ? new RouteIndex(nodes) : null;
    }

    /// <summary>A node: the bytes that lead to it from its parent, the routes whose literal ends here, and its children by first byte.</summary>
    internal readonly record struct Node(ReadOnlyMemory<byte> Label, int[] Routes, byte[] FirstBytes, int[] Children);

    /// <summary>The routes to try for a path, in order: the lists of the nodes along the path, merged.</summary>
    public ref struct Candidates
    {
        private readonly RouteIndex _index;
        private readonly Span<int> _along;
        private readonly Span<int> _next;
        private readonly int _depth;

        /// <param name="index">To look in.</param>
        /// <param name="path">To walk along.</param>
        /// <param name="along">Room for <see cref="MaxDepth"/> nodes.</param>
        /// <param name="next">Room for a position in the list of each.</param>
        public Candidates(RouteIndex index, ReadOnlySpan<byte> path, Span<int> along, Span<int> next)
        {
            _index = index;
            _along = along;
            _next = next;
            for (var node = 0; node >= 0; node = index.Child(node, ref path))
            {
                if (index._nodes[node].Routes.Length == 0) continue;
                along[_depth] = node;
                next[_depth++] = 0;
            }
        }

        /// <summary>The next route, or -1.</summary>
        public readonly int Next()
        {
            var (least, from) = (int.MaxValue, -1);
            for (var i = 0; i < _depth; i++)
            {
                var routes = _index._nodes[_along[i]].Routes;
                if (_next[i] < routes.Length && routes[_next[i]] < least) (least, from) = (routes[_next[i]], i);
            }

            if (from < 0) return -1;
            _next[from]++;
            return least;
        }
    }

    /// <summary>The child that the path goes on to, cutting the path behind it; -1 when there is none.</summary>
    private int Child(int node, ref ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty) return -1;
        var at = _nodes[node].FirstBytes.AsSpan().IndexOf(path[0]);
        if (at < 0) return -1;
        var child = _nodes[node].Children[at];
        var label = _nodes[child].Label.Span;
        if (!path.StartsWith(label)) return -1;
        path = path[label.Length..];
        return child;
    }
}
