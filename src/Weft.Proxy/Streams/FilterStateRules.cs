using Weft.Base.Buffers;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using SharedWithUpstream = Envoy.Extensions.Filters.Common.SetFilterState.V3.FilterStateValue.Types.SharedWithUpstream;
using ValueMessage = Envoy.Extensions.Filters.Common.SetFilterState.V3.FilterStateValue;

namespace Weft.Proxy.Streams;

/// <summary>What a set_filter_state filter sets: formatted texts, by name. Immutable; any thread.</summary>
internal sealed class FilterStateRules
{
    /// <summary>Keys, or kinds of value, that hold a text (Envoy's object factories), and what a text must be to be one of them.</summary>
    private static readonly Dictionary<string, Kind> s_kinds = new(StringComparer.Ordinal)
    {
        ["envoy.string"] = new(static _ => true),
        ["envoy.hashable_string"] = new(static _ => true),
        [WellKnownState.TcpProxyCluster] = new(static _ => true),
        [WellKnownState.TcpProxyDisableTunneling] = new(static text => text.AsSpan().SequenceEqual("true"u8) || text.AsSpan().SequenceEqual("false"u8)),
        [WellKnownState.TcpProxyIdleTimeoutMs] = new(static text => WellKnownState.TryReadNumber(text, out _)),
        [WellKnownState.RateLimitHitsAddend] = new(static text => WellKnownState.TryReadNumber(text, out var hits) && hits <= uint.MaxValue),
        [WellKnownState.OriginalDestination] = new(static text => WellKnownState.TryReadAddress(text, out _), IsAddress: true),
        [WellKnownState.OriginalSource] = new(static text => WellKnownState.TryReadAddress(text, out _), IsAddress: true),
    };

    private readonly Rule[] _rules;

    private FilterStateRules(Rule[] rules) => _rules = rules;

    private sealed record Kind(Func<byte[], bool> Fits, bool IsAddress = false);

    private sealed record Rule(string Key, SubstitutionFormat Value, Kind Kind, ValueMessage Source);

    /// <summary>Compiles; faults are reported in the context. Main thread.</summary>
    public static FilterStateRules Create(IEnumerable<ValueMessage> values, FactoryContext context) => new([.. Compile(values, context)]);

    /// <summary>Sets all of it. Allocates what it keeps.</summary>
    /// <param name="state">Where to.</param>
    /// <param name="context">What is formatted.</param>
    /// <param name="scratch">Is cleared.</param>
    public void Apply(FilterState state, in FormatContext context, ByteWriter scratch)
    {
        foreach (var rule in _rules)
        {
            scratch.Clear();
            rule.Value.Format(context, scratch);
            if ((scratch.Length == 0 && rule.Source.SkipIfEmpty) || state.Find(rule.Key) is { IsReadOnly: true })
                continue;
            var text = scratch.Written.ToArray();
            if (rule.Kind.Fits(text))
                state.Set(rule.Key, new TextState(text) { IsReadOnly = rule.Source.ReadOnly, IsAddress = rule.Kind.IsAddress, Sharing = SharingOf(rule.Source.SharedWithUpstream) });
        }
    }

    private static IEnumerable<Rule> Compile(IEnumerable<ValueMessage> values, FactoryContext context)
    {
        foreach (var value in values)
        {
            if (!s_kinds.TryGetValue(value.FactoryKey.Length > 0 ? value.FactoryKey : value.ObjectKey, out var kind))
            {
                context.Config.Error(value, value.FactoryKey.Length > 0 ? "factory_key" : "object_key", $"'{value.ObjectKey}' does not have an object factory");
                continue;
            }

            // The API's own rules report it.
            if (value.FormatString is not null)
                yield return new Rule(value.ObjectKey, SubstitutionFormat.Parse(value.FormatString, context.Config), kind, value);
        }
    }

    private static StateSharing SharingOf(SharedWithUpstream value) => value switch
    {
        SharedWithUpstream.Once => StateSharing.Once,
        SharedWithUpstream.Transitive => StateSharing.Transitive,
        _ => StateSharing.None,
    };
}
