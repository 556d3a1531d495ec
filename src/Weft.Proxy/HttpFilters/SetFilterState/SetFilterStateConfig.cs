using Google.Protobuf.Collections;
using Weft.Base.Buffers;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;
using SetFilterStateMessage = Envoy.Extensions.Filters.Http.SetFilterState.V3.Config;
using ValueMessage = Envoy.Extensions.Filters.Common.SetFilterState.V3.FilterStateValue;

namespace Weft.Proxy.HttpFilters.SetFilterState;

/// <summary>What set_filter_state sets, of the filter or of a route. Immutable; any thread.</summary>
internal sealed class SetFilterStateConfig : FilterRouteConfig
{
    private const string Text = "envoy.string";
    private const string HashableText = "envoy.hashable_string";

    private readonly Entry[] _entries;

    private SetFilterStateConfig(Entry[] entries) => _entries = entries;

    private sealed record Entry(string Key, SubstitutionFormat Value, bool IsReadOnly, bool SkipsEmpty);

    public static SetFilterStateConfig Create(SetFilterStateMessage config, FactoryContext context) => new([.. Compile(config.OnRequestHeaders, context)]);

    /// <summary>Sets all of it.</summary>
    /// <param name="scratch">Is cleared.</param>
    public void Apply(FilterState state, in FormatContext context, ByteWriter scratch)
    {
        foreach (var entry in _entries)
        {
            scratch.Clear();
            entry.Value.Format(context, scratch);
            if ((scratch.Length == 0 && entry.SkipsEmpty) || state.Find(entry.Key) is { IsReadOnly: true }) continue;
            state.Set(entry.Key, new TextState(scratch.Written.ToArray()) { IsReadOnly = entry.IsReadOnly });
        }
    }

    private static IEnumerable<Entry> Compile(RepeatedField<ValueMessage> values, FactoryContext context)
    {
        foreach (var value in values)
        {
            var factory = value.FactoryKey.Length > 0 ? value.FactoryKey : value.ObjectKey;
            if (factory is not (Text or HashableText))
            {
                context.Config.Error(value, value.FactoryKey.Length > 0 ? "factory_key" : "object_key", $"'{value.ObjectKey}' does not have an object factory");
                continue;
            }

            if (value.FormatString is null) continue; // The API's own rules report it.
            yield return new Entry(value.ObjectKey, SubstitutionFormat.Parse(value.FormatString, context.Config), value.ReadOnly, value.SkipIfEmpty);
        }
    }
}
