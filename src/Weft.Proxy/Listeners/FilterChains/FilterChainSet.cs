namespace Weft.Proxy.Listeners.FilterChains;

/// <summary>The filter chains of a listener and the rules that choose between them. Immutable, shared by all workers.</summary>
public sealed class FilterChainSet
{
    private readonly MatchNode? _root;
    private readonly FilterChainConfig? _default;

    internal FilterChainSet(IReadOnlyList<FilterChainConfig> all, MatchNode? root, FilterChainConfig? @default)
    {
        All = all;
        _root = root;
        _default = @default;
    }

    /// <summary>One chain that takes every connection.</summary>
    public FilterChainSet(FilterChainConfig only) : this([only], null, only)
    {
    }

    /// <summary>In their order, the default chain last.</summary>
    public IReadOnlyList<FilterChainConfig> All { get; }

    /// <summary>The chain for a connection; null when none fits: it is closed. Any thread; allocates nothing.</summary>
    public FilterChainConfig? Find(in FilterChainMatchInput input) => _root is null ? _default : _root.Find(input) ?? _default;
}
