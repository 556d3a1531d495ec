using Weft.Proxy.HttpFilters;

namespace Weft.Proxy.Routing;

/// <summary>
/// What a route says to each filter of its connection manager, by the filter's place in the chain: merged from weighted cluster, route,
/// virtual host and table when configuration is loaded, so that a request looks one array up. Immutable; any thread.
/// </summary>
public sealed class RouteFilters
{
    private readonly Slot[] _slots;

    private readonly FilterConfigLevel[] _levels;

    private RouteFilters(Slot[] slots, FilterConfigLevel[] levels) => (_slots, _levels) = (slots, levels);

    /// <param name="Levels">What is said, the most specific first.</param>
    /// <param name="Places">Where each of them is said.</param>
    /// <param name="SwitchedBy">Where the filter is switched on or off; null: nowhere.</param>
    private readonly record struct Slot(FilterRouteConfig[] Levels, string[] Places, string? SwitchedBy, bool IsDisabled);

    /// <summary>A filter is switched on or off here against its default.</summary>
    internal bool ChangesSkipping { get; private init; }

    /// <summary>The most specific of what is said to the filter at <paramref name="index"/>; null when nothing is.</summary>
    internal FilterRouteConfig? MostSpecific(int index) => _slots[index].Levels is [var first, ..] ? first : null;

    /// <summary>All that is said to it, the most specific first.</summary>
    internal ReadOnlySpan<FilterRouteConfig> All(int index) => _slots[index].Levels;

    /// <summary>Where the filter is configured, the most specific place first; for a person.</summary>
    internal IReadOnlyList<string> PlacesOf(int index) => _slots[index].Places;

    /// <summary>Where it is switched on or off; null: nowhere.</summary>
    internal string? SwitchedBy(int index) => _slots[index].SwitchedBy;

    internal bool IsDisabled(int index) => _slots[index].IsDisabled;

    /// <summary>Merges levels, the most specific first; null when nothing is said.</summary>
    internal static RouteFilters? Create(IReadOnlyList<HttpFilterFactory>? filters, params ReadOnlySpan<FilterConfigLevel?> levels)
    {
        if (filters is null || levels.IndexOfAnyExcept((FilterConfigLevel?)null) < 0) return null;
        var slots = new Slot[filters.Count];
        var changes = false;
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = Merge(filters[i], levels);
            changes |= slots[i].IsDisabled != filters[i].IsDisabled;
        }

        return new RouteFilters(slots, Written(levels)) { ChangesSkipping = changes };
    }

    /// <summary>What the route says to the filters of another chain; null when nothing. Any thread.</summary>
    internal RouteFilters? For(HttpFilterFactory[] filters) => Create(filters, _levels);

    private static FilterConfigLevel[] Written(ReadOnlySpan<FilterConfigLevel?> levels)
    {
        var written = new List<FilterConfigLevel>(levels.Length);
        foreach (var level in levels)
        {
            if (level is not null) written.Add(level);
        }

        return [.. written];
    }

    private static Slot Merge(HttpFilterFactory filter, ReadOnlySpan<FilterConfigLevel?> levels)
    {
        List<FilterRouteConfig>? configs = null;
        List<string>? places = null;
        string? switchedBy = null;
        bool? isDisabled = null;
        foreach (var level in levels)
        {
            if (level?.Find(filter.Name) is not { } entry) continue;
            isDisabled ??= entry.IsDisabled;
            switchedBy ??= level.Place;
            if (entry.Config is not { } config) continue;
            (configs ??= []).Add(config);
            (places ??= []).Add(level.Place);
        }

        // The terminal filter is what answers: nothing can switch it off.
        return new Slot(configs?.ToArray() ?? [], places?.ToArray() ?? [], switchedBy, !filter.IsTerminal && (isDisabled ?? filter.IsDisabled));
    }
}
