using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Proxy.Expressions;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>request_attributes or response_attributes: what the processor is told about a request besides its message. Immutable; any thread.</summary>
internal sealed class ProcessorAttributes
{
    private readonly (string Name, CelExpression Value)[] _attributes;

    private ProcessorAttributes((string, CelExpression)[] attributes) => _attributes = attributes;

    public bool IsEmpty => _attributes.Length == 0;

    /// <summary>Compiles; faults are reported at <paramref name="field"/> of <paramref name="at"/>.</summary>
    public static ProcessorAttributes Create(IEnumerable<string> names, IMessage at, string field, ConfigContext context)
    {
        var attributes = new List<(string, CelExpression)>();
        foreach (var name in names)
        {
            if (CelExpression.Parse(name, context, at, field) is { } value) attributes.Add((name, value));
        }

        return new ProcessorAttributes([.. attributes]);
    }

    /// <summary>Those that the request has. What it allocates is little beside a message over the network.</summary>
    public Struct Read(in FormatContext request)
    {
        var result = new Struct();
        var json = new ByteWriter();
        foreach (var (name, value) in _attributes)
        {
            json.Clear();
            json.Write("{\"v\":"u8);
            if (!value.TryWriteJson(request, json)) continue;
            json.Write((byte)'}');
            if (JsonStruct.Parse(json.Written) is { } parsed) result.Fields[name] = parsed.Fields["v"];
        }

        return result;
    }
}
