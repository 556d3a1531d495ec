using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>%FILTER_STATE(key:PLAIN|TYPED):Z%: what filters have left by that name, as text or as JSON.</summary>
internal sealed class FilterStateOperator(string key, bool isPlain, int maxLength) : FormatOperator
{
    /// <summary>Null with an error, in Envoy's words, when the parameters make no sense.</summary>
    public static FilterStateOperator? Create(OperatorText text, out string error)
    {
        var parts = text.Parameters.Split(':', 3);
        var kind = parts.ElementAtOrDefault(1) ?? "";
        error = parts[0].Length == 0 ? "Invalid filter state configuration, key cannot be empty."
            : kind is not ("" or "PLAIN" or "TYPED" or "FIELD") ? "Invalid filter state serialize type, only support PLAIN/TYPED/FIELD."
            : (kind == "FIELD") != (parts.Length > 2) ? "Invalid filter state serialize type, FIELD should be used with the field name."
            : kind == "FIELD" ? "FILTER_STATE with FIELD is not implemented yet"
            : "";
        return error.Length > 0 ? null : new FilterStateOperator(parts[0], kind == "PLAIN", text.MaxLength);
    }

    public override bool IsTyped => !isPlain;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        if (context.Info.FilterState.Find(key) is not { } value) return false;
        var start = output.Length;
        if (!isPlain)
        {
            if (!value.TryWriteJson(output)) return false;
        }
        else
        {
            if (value.Text is not { } text) return false;
            output.Write(text);
        }

        if (output.Length - start > maxLength) output.Truncate(start + maxLength);
        return true;
    }

    public override bool TryWriteJson(in FormatContext context, ByteWriter output) =>
        isPlain ? base.TryWriteJson(context, output) : context.Info.FilterState.Find(key)?.TryWriteJson(output) ?? false;
}
