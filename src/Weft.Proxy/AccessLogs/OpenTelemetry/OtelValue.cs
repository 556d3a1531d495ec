using System.Text;
using Opentelemetry.Proto.Common.V1;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.AccessLogs.OpenTelemetry;

/// <summary>
/// An AnyValue of a log record as configured: texts with operators, lists and lists of keys made of such. Immutable, shared by all workers;
/// writes into buffers of the calling thread, one for each level.
/// </summary>
internal sealed class OtelValue
{
    private const int StringValue = 1, ArrayValue = 5, KvlistValue = 6;
    private const int ListValues = 1, Key = 1, Value = 2;

    [ThreadStatic]
    private static List<ByteWriter>? t_levels;

    private readonly SubstitutionFormat? _text;
    private readonly (byte[] Key, OtelValue Value)[] _members = [];
    private readonly bool _isArray;

    private OtelValue(SubstitutionFormat text) => _text = text;

    private OtelValue((byte[] Key, OtelValue Value)[] members, bool isArray) => (_members, _isArray) = (members, isArray);

    /// <summary>Null after a fault, which is reported.</summary>
    public static OtelValue? Create(AnyValue config, ConfigContext context)
    {
        switch (config.ValueCase)
        {
            case AnyValue.ValueOneofCase.StringValue:
                return new OtelValue(SubstitutionFormat.Parse(config.StringValue, context, config, "string_value"));
            case AnyValue.ValueOneofCase.KvlistValue:
                return new OtelValue(Members(config.KvlistValue, context), isArray: false);
            case AnyValue.ValueOneofCase.ArrayValue:
                return new OtelValue([.. config.ArrayValue.Values.Select(value => (Array.Empty<byte>(), Create(value, context)!)).Where(member => member.Item2 is not null)], isArray: true);
            default:
                context.Error(config, null, "Only string values, nested key value lists and array values are supported in OpenTelemetry access log format.");
                return null;
        }
    }

    public static (byte[] Key, OtelValue Value)[] Members(KeyValueList config, ConfigContext context) =>
        [.. config.Values.Select(pair => (Encoding.UTF8.GetBytes(pair.Key), Create(pair.Value ?? new AnyValue(), context)!)).Where(member => member.Item2 is not null)];

    /// <summary>Writes KeyValue messages as fields of a message.</summary>
    public static void WriteMembers(ByteWriter output, int field, (byte[] Key, OtelValue Value)[] members, in FormatContext context, int level = 0)
    {
        foreach (var (key, value) in members)
        {
            var inner = Level(level);
            value.Write(inner, context, level + 1);
            output.WriteHead(field, ProtoText.SizeOfField(key.Length) + ProtoText.SizeOfField(inner.Length));
            output.WriteText(Key, key);
            output.WriteBytes(Value, inner.Written);
        }
    }

    /// <summary>Writes the fields of the AnyValue.</summary>
    public void Write(ByteWriter output, in FormatContext context, int level = 0)
    {
        var content = Level(level);
        if (_text is not null)
        {
            _text.Format(context, content);
            output.WriteText(StringValue, content.Written);
            return;
        }

        if (_isArray)
            WriteElements(content, context, level + 1);
        else
            WriteMembers(content, ListValues, _members, context, level + 1);
        output.WriteBytes(_isArray ? ArrayValue : KvlistValue, content.Written);
    }

    private void WriteElements(ByteWriter output, in FormatContext context, int level)
    {
        foreach (var (_, value) in _members)
        {
            var inner = Level(level);
            value.Write(inner, context, level + 1);
            output.WriteBytes(ListValues, inner.Written);
        }
    }

    /// <summary>The buffer of a level, emptied.</summary>
    private static ByteWriter Level(int level)
    {
        var levels = t_levels ??= [];
        while (levels.Count <= level)
            levels.Add(new ByteWriter());
        levels[level].Clear();
        return levels[level];
    }
}
