namespace Weft.Proxy.Listeners.FilterChains;

/// <summary>The filter chains of a listener and the rules that choose between them. Immutable, shared by all workers.</summary>
public sealed class FilterChainSet
{
    private readonly MatchNode? _root;
    private readonly ChainMatcher? _matcher;
    private readonly FilterChainConfig? _default;

    internal FilterChainSet(IReadOnlyList<FilterChainConfig> all, MatchNode? root, FilterChainConfig? @default)
    {
        All = all;
        _root = root;
        _default = @default;
    }

    /// <summary>Chains that a matcher chooses between.</summary>
    internal FilterChainSet(IReadOnlyList<FilterChainConfig> all, ChainMatcher matcher, FilterChainConfig? @default) : this(all, root: null, @default) => _matcher = matcher;

    /// <summary>One chain that takes every connection.</summary>
    public FilterChainSet(FilterChainConfig only) : this([only], root: null, only)
    {
    }

    /// <summary>Of a listener without connections.</summary>
    public static FilterChainSet None { get; } = new([], root: null, @default: null);

    /// <summary>In their order, the default chain last.</summary>
    public IReadOnlyList<FilterChainConfig> All { get; }

    /// <summary>The chain for a connection; null when none fits: it is closed. Any thread; allocates nothing.</summary>
    public FilterChainConfig? Find(in FilterChainMatchInput input)
    {
        if (_matcher is not null)
            return _matcher.TryFind(input, out var chain) ? chain : _default;
        return _root is null ? _default : _root.Find(input) ?? _default;
    }
}
