namespace Weft.Proxy.Routing;

/// <summary>Grows the prefix tree of a <see cref="RouteIndex"/>.</summary>
internal sealed class RouteIndexBuilder
{
    private readonly GrowingNode _root = new(default);

    public void Add(ReadOnlyMemory<byte> literal, int route)
    {
        var node = _root;
        while (!literal.IsEmpty)
        {
            var first = literal.Span[0];
            if (!node.Children.TryGetValue(first, out var child))
            {
                node.Children[first] = child = new GrowingNode(literal);
                (node, literal) = (child, default);
                continue;
            }

            var common = child.Label.Span.CommonPrefixLength(literal.Span);
            if (common < child.Label.Length) node.Children[first] = child = child.SplitAt(common);
            (node, literal) = (child, literal[common..]);
        }

        node.Routes.Add(route);
    }

    /// <summary>The nodes, root first; null when more than <paramref name="maxDepth"/> lists lie along one path.</summary>
    public RouteIndex.Node[]? Build(int maxDepth)
    {
        var nodes = new List<RouteIndex.Node>();
        return Flatten(_root, nodes, 0, maxDepth) ? [.. nodes] : null;
    }

    private static bool Flatten(GrowingNode node, List<RouteIndex.Node> nodes, int depth, int maxDepth)
    {
        if (node.Routes.Count > 0 && ++depth > maxDepth) return false;
        var index = nodes.Count;
        var children = new int[node.Children.Count];
        nodes.Add(default);
        var at = 0;
        foreach (var child in node.Children.Values)
        {
            children[at++] = nodes.Count;
            if (!Flatten(child, nodes, depth, maxDepth)) return false;
        }

        nodes[index] = new RouteIndex.Node(node.Label, [.. node.Routes], [.. node.Children.Keys], children);
        return true;
    }

    private sealed class GrowingNode(ReadOnlyMemory<byte> label)
    {
        public ReadOnlyMemory<byte> Label { get; private set; } = label;

        public List<int> Routes { get; } = [];

        public SortedDictionary<byte, GrowingNode> Children { get; } = [];

        /// <summary>A new node for the first part of the label, with this one, shortened, below it.</summary>
        public GrowingNode SplitAt(int length)
        {
            var upper = new GrowingNode(Label[..length]);
            Label = Label[length..];
            upper.Children[Label.Span[0]] = this;
            return upper;
        }
    }
}
