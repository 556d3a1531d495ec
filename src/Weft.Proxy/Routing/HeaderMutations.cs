using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Weft.Config;
using Weft.Proxy.Formatting;
using HeaderMap = Weft.Http.HeaderMap;

namespace Weft.Proxy.Routing;

/// <summary>A compiled list of header additions and removals over several levels; constant values cost no formatting. Immutable; any thread.</summary>
public sealed class HeaderMutations
{
    public static readonly HeaderMutations None = new([]);

    private readonly HeaderMutationLevel[] _levels;

    private HeaderMutations(HeaderMutationLevel[] levels) => _levels = levels;

    public bool IsEmpty => _levels.Length == 0;

    /// <summary>One level: <c>..._headers_to_add</c> and <c>..._headers_to_remove</c> of <paramref name="at"/>, whose faults are reported at the given fields.</summary>
    public static HeaderMutations Create(RepeatedField<HeaderValueOption> add, RepeatedField<string> remove, ConfigContext context, IMessage at, string addField, string removeField)
        => Of(HeaderMutationLevel.Create(add, remove, context, at, addField, removeField));

    /// <summary>Levels in the order in which they are applied; null ones change nothing.</summary>
    internal static HeaderMutations Of(params ReadOnlySpan<HeaderMutationLevel?> levels)
    {
        var present = new List<HeaderMutationLevel>();
        foreach (var level in levels)
        {
            if (level is not null) present.Add(level);
        }

        return present.Count == 0 ? None : new HeaderMutations([.. present]);
    }

    /// <summary>Applies to <paramref name="headers"/> in order; values with operators are formatted with the context.</summary>
    public void Apply(HeaderMap headers, in FormatContext context)
    {
        foreach (var level in _levels) level.Apply(headers, context);
    }
}
