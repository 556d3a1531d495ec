using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>%DYNAMIC_METADATA(namespace:key:...):Z%: what filters have attached to the request, as JSON unless it is a string.</summary>
internal sealed class DynamicMetadataOperator(string filterNamespace, string[] path, int maxLength) : FormatOperator
{
    public override bool IsTyped => true;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        var start = output.Length;
        var value = context.Info.DynamicMetadata.Find(filterNamespace, path);
        if (value.Kind == MetadataKind.Text) output.Write(value.Text);
        else if (!TryWriteJson(context, output)) return false;
        if (output.Length - start > maxLength) output.Truncate(start + maxLength);
        return true;
    }

    public override bool TryWriteJson(in FormatContext context, ByteWriter output)
    {
        var metadata = context.Info.DynamicMetadata;
        if (path.Length == 0)
        {
            if (metadata.ToStruct(filterNamespace) is not { } all) return false;
            JsonValue.Write(output, Value.ForStruct(all));
            return true;
        }

        var value = metadata.Find(filterNamespace, path);
        switch (value.Kind)
        {
            case MetadataKind.None or MetadataKind.Null:
                return false;
            case MetadataKind.Text:
                JsonText.WriteString(output, value.Text);
                return true;
            case MetadataKind.Bool:
                output.Write(value.Bool ? "true"u8 : "false"u8);
                return true;
            default:
                JsonValue.Write(output, value.Tree ?? Value.ForNumber(value.Number));
                return true;
        }
    }
}
