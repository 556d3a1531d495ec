using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Proxy.Streams;
using Metadata = Envoy.Config.Core.V3.Metadata;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>The metadata that an operator looks into.</summary>
internal delegate Metadata? MetadataSource(StreamInfo info);

/// <summary>%CLUSTER_METADATA(namespace:key:...):Z%, %UPSTREAM_METADATA%: a value of filter_metadata, as JSON unless it is a string.</summary>
internal sealed class MetadataOperator(MetadataSource source, string filterNamespace, string[] path, int maxLength) : FormatOperator
{
    public override bool IsTyped => true;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        if (Find(context.Info) is not { } value)
            return false;
        var start = output.Length;
        if (value.KindCase == Value.KindOneofCase.StringValue)
            output.Write(value.StringValue);
        else
            JsonValue.Write(output, value);
        if (output.Length - start > maxLength)
            output.Truncate(start + maxLength);
        return true;
    }

    public override bool TryWriteJson(in FormatContext context, ByteWriter output)
    {
        if (Find(context.Info) is not { } value)
            return false;
        JsonValue.Write(output, value);
        return true;
    }

    private Value? Find(StreamInfo info)
    {
        if (source(info) is not { } metadata || !metadata.FilterMetadata.TryGetValue(filterNamespace, out var fields))
            return null;
        if (path.Length == 0)
            return Value.ForStruct(fields);
        for (var i = 0; i < path.Length - 1; i++)
        {
            if (!fields.Fields.TryGetValue(path[i], out var inner) || inner.KindCase != Value.KindOneofCase.StructValue)
                return null;
            fields = inner.StructValue;
        }

        return fields.Fields.TryGetValue(path[^1], out var value) && value.KindCase is not (Value.KindOneofCase.None or Value.KindOneofCase.NullValue) ? value : null;
    }
}
