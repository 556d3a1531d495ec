using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.Composite;

/// <summary>Which action each composite filter has carried out for a request, as JSON of filter names and action names; for logs. Immutable.</summary>
internal sealed class MatchedActions : FilterStateValue
{
    public const string Key = "envoy.extensions.filters.http.composite.matched_actions";

    private readonly SortedDictionary<string, string> _actions;
    private readonly byte[] _json;

    public MatchedActions(string filter, string action)
        : this(new SortedDictionary<string, string>(StringComparer.Ordinal) { [filter] = action })
    {
    }

    private MatchedActions(SortedDictionary<string, string> actions)
    {
        _actions = actions;
        var output = new ByteWriter();
        foreach (var (filter, action) in actions)
        {
            output.Write(output.Length == 0 ? "{"u8 : ","u8);
            JsonText.WriteString(output, Encoding.UTF8.GetBytes(filter));
            output.Write(":"u8);
            JsonText.WriteString(output, Encoding.UTF8.GetBytes(action));
        }

        output.Write("}"u8);
        _json = output.Written.ToArray();
    }

    public override byte[] Text => _json;

    /// <summary>Together with what an earlier filter has done.</summary>
    public MatchedActions With(MatchedActions later)
    {
        var all = new SortedDictionary<string, string>(_actions, StringComparer.Ordinal);
        foreach (var (filter, action) in later._actions) all[filter] = action;
        return new MatchedActions(all);
    }

    public override IMessage ToMessage()
    {
        var message = new Struct();
        foreach (var (filter, action) in _actions)
            message.Fields[filter] = Value.ForString(action);
        return message;
    }

    public override bool TryWriteJson(ByteWriter output)
    {
        output.Write(_json);
        return true;
    }
}
