using Weft.Base.Buffers;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>How a value of a filter state is printed.</summary>
internal enum FilterStateStyle : byte { Plain, Typed, Field }

/// <summary>%FILTER_STATE(key:PLAIN|TYPED|FIELD:field):Z%: what filters have left by that name, as text, as JSON, or one field of it.</summary>
/// <param name="key">The name.</param>
/// <param name="style">How it is printed.</param>
/// <param name="field">With <see cref="FilterStateStyle.Field"/>: which one.</param>
/// <param name="isUpstream">%UPSTREAM_FILTER_STATE%: only what is shared with upstream connections, once there is one.</param>
/// <param name="maxLength">Where to cut.</param>
internal sealed class FilterStateOperator(string key, FilterStateStyle style, string field, bool isUpstream, int maxLength) : FormatOperator
{
    public static OperatorFactory Factory(bool isUpstream) => (OperatorText text, out string error) => Create(text, isUpstream, out error);

    public override bool IsTyped => style == FilterStateStyle.Typed;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        var start = output.Length;
        if (Find(context.Info) is not { } value || !TryWrite(value, output))
            return false;
        if (output.Length - start > maxLength)
            output.Truncate(start + maxLength);
        return true;
    }

    public override bool TryWriteJson(in FormatContext context, ByteWriter output) =>
        style == FilterStateStyle.Typed ? Find(context.Info)?.TryWriteJson(output) ?? false : base.TryWriteJson(context, output);

    private bool TryWrite(FilterStateValue value, ByteWriter output)
    {
        switch (style)
        {
            case FilterStateStyle.Field:
                return value.TryWriteField(field, output);
            case FilterStateStyle.Typed:
                return value.TryWriteJson(output);
            default:
                if (value.Text is not { } text)
                    return false;
                output.Write(text);
                return true;
        }
    }

    private FilterStateValue? Find(StreamInfo info) => isUpstream ? info.UpstreamFilterState(key) : info.FilterState.Find(key);

    /// <summary>Null with an error, in Envoy's words, when the parameters make no sense.</summary>
    private static FilterStateOperator? Create(OperatorText text, bool isUpstream, out string error)
    {
        var parts = text.Parameters.Split(':', 3);
        var kind = parts.ElementAtOrDefault(1) ?? "";
        error = parts[0].Length == 0 ? "Invalid filter state configuration, key cannot be empty."
            : kind is not ("" or "PLAIN" or "TYPED" or "FIELD") ? "Invalid filter state serialize type, only support PLAIN/TYPED/FIELD."
            : (kind == "FIELD") != (parts.ElementAtOrDefault(2) is { Length: > 0 }) ? "Invalid filter state serialize type, FIELD should be used with the field name."
            : "";
        var style = kind switch
        {
            "PLAIN" => FilterStateStyle.Plain,
            "FIELD" => FilterStateStyle.Field,
            _ => FilterStateStyle.Typed,
        };
        return error.Length > 0 ? null : new FilterStateOperator(parts[0], style, parts.ElementAtOrDefault(2) ?? "", isUpstream, text.MaxLength);
    }
}
