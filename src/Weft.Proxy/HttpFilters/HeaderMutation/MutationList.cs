using Envoy.Config.Core.V3;
using Google.Protobuf.Collections;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.Matching;
using Action = Envoy.Config.Core.V3.HeaderValueOption.Types.HeaderAppendAction;
using ActionCase = Envoy.Config.Common.MutationRules.V3.HeaderMutation.ActionOneofCase;
using HeaderMap = Weft.Http.HeaderMap;
using MutationMessage = Envoy.Config.Common.MutationRules.V3.HeaderMutation;

namespace Weft.Proxy.HttpFilters.HeaderMutation;

/// <summary>
/// Changes of one header map, each on what the ones before it left; unlike those of routes they may change pseudo-headers. Immutable; any thread.
/// </summary>
internal sealed class MutationList
{
    private readonly Mutation[] _mutations;

    private MutationList(Mutation[] mutations) => _mutations = mutations;

    public static MutationList Create(RepeatedField<MutationMessage> mutations, ConfigContext context)
        => new([.. mutations.Select(mutation => Compile(mutation, context)).OfType<Mutation>()]);

    /// <param name="scratch">For formatted values.</param>
    public void Apply(HeaderMap headers, in FormatContext context, ByteWriter scratch)
    {
        foreach (var mutation in _mutations) mutation.Apply(headers, context, scratch);
    }

    private static Mutation? Compile(MutationMessage mutation, ConfigContext context) => mutation.ActionCase switch
    {
        ActionCase.Remove => new Removal(new HeaderName(mutation.Remove)),
        ActionCase.RemoveOnMatch when mutation.RemoveOnMatch.KeyMatcher is { } name => new RemovalOfAll(StringMatcher.Create(name, context)),
        ActionCase.Append when mutation.Append.Header is { Key.Length: > 0 } => new Addition(mutation.Append, context),
        _ => null, // The API's own rules report it.
    };

    private abstract class Mutation
    {
        public abstract void Apply(HeaderMap headers, in FormatContext context, ByteWriter scratch);
    }

    private sealed class Removal(HeaderName name) : Mutation
    {
        public override void Apply(HeaderMap headers, in FormatContext context, ByteWriter scratch) => headers.Remove(name);
    }

    private sealed class RemovalOfAll(StringMatcher name) : Mutation
    {
        public override void Apply(HeaderMap headers, in FormatContext context, ByteWriter scratch)
        {
            for (var i = headers.Count - 1; i >= 0; i--)
            {
                if (name.IsMatch(headers.NameAt(i))) headers.RemoveAt(i);
            }
        }
    }

    private sealed class Addition(HeaderValueOption option, ConfigContext context) : Mutation
    {
        private readonly HeaderName _name = new(option.Header.Key);
        private readonly Action _action = AppendAction.Of(option, context);
        private readonly bool _keepsEmpty = option.KeepEmptyValue;
        private readonly SubstitutionFormat _value = SubstitutionFormat.Parse(option.Header.Value, context, option.Header, "value", omitEmptyValues: true);

        public override void Apply(HeaderMap headers, in FormatContext context, ByteWriter scratch)
        {
            var exists = headers.Has(_name);
            if (exists ? _action == Action.AddIfAbsent : _action == Action.OverwriteIfExists) return;
            scratch.Clear();
            _value.Format(context, scratch);
            if (scratch.Length == 0 && !_keepsEmpty) return;
            if (_action is Action.OverwriteIfExists or Action.OverwriteIfExistsOrAdd) headers.Set(_name, scratch.Written);
            else headers.Add(_name, scratch.Written);
        }
    }
}
