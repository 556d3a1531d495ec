using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing.Matching;
using Action = Envoy.Config.Core.V3.HeaderValueOption.Types.HeaderAppendAction;
using HeaderMap = Weft.Http.HeaderMap;

namespace Weft.Proxy.Routing;

/// <summary>
/// The header changes of one level. Removals come first; then all values are worked out from what the headers are by
/// then; then values that replace are set, and last those that add. Immutable; any thread.
/// </summary>
internal sealed class HeaderMutationLevel
{
    /// <summary>The additions of one level, at most: the ends of their values stand on the stack.</summary>
    private const int MaxAdditions = 1024;

    private const int Skipped = -1;

    private readonly HeaderName[] _removals;
    private readonly Addition[] _additions;

    private HeaderMutationLevel(HeaderName[] removals, Addition[] additions) => (_removals, _additions) = (removals, additions);

    private readonly record struct Addition(HeaderName Name, SubstitutionFormat? Format, byte[] Constant, Action Action, bool KeepEmpty)
    {
        public bool Replaces => Action is Action.OverwriteIfExists or Action.OverwriteIfExistsOrAdd;

        /// <summary>What is there already, or is not, forbids it.</summary>
        public bool IsForbidden(HeaderMap headers) => Action switch
        {
            Action.AddIfAbsent => headers.Has(Name),
            Action.OverwriteIfExists => !headers.Has(Name),
            _ => false,
        };
    }

    /// <summary>Null when there is nothing to do.</summary>
    public static HeaderMutationLevel? Create(RepeatedField<HeaderValueOption> add, RepeatedField<string> remove, ConfigContext context, IMessage at, string addField, string removeField)
    {
        if (add.Count == 0 && remove.Count == 0) return null;
        if (add.Count > MaxAdditions) context.Error(at, addField, $"more than {MaxAdditions} headers");
        var removals = new List<HeaderName>(remove.Count);
        for (var i = 0; i < remove.Count; i++)
        {
            if (!IsModifiable(remove[i])) context.Error(at, $"{removeField}[{i}]", ":-prefixed or host headers may not be removed");
            removals.Add(new HeaderName(remove[i]));
        }

        var additions = new List<Addition>(add.Count);
        foreach (var option in add)
        {
            if (Compile(option, context) is { } addition) additions.Add(addition);
        }

        return new HeaderMutationLevel([.. removals], [.. additions]);
    }

    public void Apply(HeaderMap headers, in FormatContext context)
    {
        foreach (var name in _removals) headers.Remove(name);
        if (_additions.Length == 0) return;
        Span<int> ends = stackalloc int[_additions.Length];
        var values = MatchScratch.OfThread.Formatted;
        values.Clear();
        Evaluate(headers, context, values, ends);
        Write(headers, values, ends, replacing: true);
        Write(headers, values, ends, replacing: false);
    }

    private void Evaluate(HeaderMap headers, in FormatContext context, ByteWriter values, Span<int> ends)
    {
        for (var i = 0; i < ends.Length; i++)
        {
            ref readonly var addition = ref _additions[i];
            var start = values.Length;
            addition.Format?.Format(context, values);
            var isEmpty = addition.Format is null ? addition.Constant.Length == 0 : values.Length == start;
            ends[i] = (isEmpty && !addition.KeepEmpty) || addition.IsForbidden(headers) ? Skipped : values.Length;
            if (ends[i] == Skipped) values.Truncate(start);
        }
    }

    private void Write(HeaderMap headers, ByteWriter values, ReadOnlySpan<int> ends, bool replacing)
    {
        var start = 0;
        for (var i = 0; i < ends.Length; i++)
        {
            if (ends[i] == Skipped) continue;
            ref readonly var addition = ref _additions[i];
            var value = addition.Format is null ? addition.Constant : values.Written[start..ends[i]];
            start = ends[i];
            if (addition.Replaces != replacing) continue;
            if (replacing) headers.Set(addition.Name, value);
            else headers.Add(addition.Name, value);
        }
    }

    private static Addition? Compile(HeaderValueOption option, ConfigContext context)
    {
        var header = option.Header ?? new HeaderValue();
        if (header.Key.Length == 0) return null; // The API's own rules report it.
        if (!IsModifiable(header.Key))
        {
            context.Error(header, "key", ":-prefixed or host headers may not be modified");
            return null;
        }

        // What a request lacks prints as nothing, so that its header is left out.
        var format = SubstitutionFormat.Parse(header.Value, context, header, "value", omitEmptyValues: true);
        var constant = header.Value.Length == 0 ? [] : format.Constant;
        return new Addition(new HeaderName(header.Key), constant is null ? format : null, constant ?? [], AppendAction.Of(option, context), option.KeepEmptyValue);
    }

    private static bool IsModifiable(string name) => !name.StartsWith(':') && !name.Equals("host", StringComparison.OrdinalIgnoreCase);
}
