using System.Text;
using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Proxy.Formatting.Operators;
using Weft.Proxy.Routing;
using FormatCase = Envoy.Config.Core.V3.SubstitutionFormatString.FormatOneofCase;

namespace Weft.Proxy.Formatting;

/// <summary>
/// A format string with <c>%OPERATOR(arguments):length%</c>, compiled once; formatting allocates nothing.
/// Source: Envoy's substitution formatter. Immutable, shared by all workers.
/// </summary>
public sealed class SubstitutionFormat
{
    /// <summary>Envoy's default access log, with its line end.</summary>
    public const string DefaultText =
        "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% "
        + "%BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" "
        + "\"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\"\n";

    private static readonly string[] s_formatters = ["formatter.metadata.v3.Metadata", "formatter.req_without_query.v3.ReqWithoutQuery", "formatter.cel.v3.Cel"];
    private const string TextType = "text/plain";
    private const string JsonType = "application/json";
    private readonly FormatOperator[] _pieces;
    private readonly bool _omitEmptyValues;

    private SubstitutionFormat(FormatOperator[]? pieces, string contentType, bool omitEmptyValues = false)
    {
        _pieces = pieces ?? [new ConstantOperator("-")];
        ContentType = contentType;
        _omitEmptyValues = omitEmptyValues;
        Constant = _pieces is [ConstantOperator only] ? only.Text : null;
    }

    /// <summary>Set when there is no operator at all: the text itself, so that constant headers cost nothing.</summary>
    public byte[]? Constant { get; }

    /// <summary>The content type of a local reply body in this format.</summary>
    public string ContentType { get; }

    /// <summary>Compiles a format; faults (unknown operator, bad arguments) are reported at <paramref name="at"/>'s field and yield a format that prints "-".</summary>
    /// <param name="omitEmptyValues">A missing value prints nothing (added headers).</param>
    public static SubstitutionFormat Parse(string format, ConfigContext context, IMessage at, string field, bool omitEmptyValues = false) =>
        new(new FormatParser(context, at, field).Parse(format), TextType, omitEmptyValues);

    /// <summary>Compiles SubstitutionFormatString: text_format, text_format_source, json_format, omit_empty_values, content_type.</summary>
    public static SubstitutionFormat Parse(Envoy.Config.Core.V3.SubstitutionFormatString format, ConfigContext context)
    {
        CheckFormatters(format.Formatters, context);
        var isJson = format.FormatCase == FormatCase.JsonFormat;
        var pieces = isJson
            ? ParseJson(format.JsonFormat, format.OmitEmptyValues, context, format, "json_format")
            : ParseText(format, context);
        var contentType = format.ContentType.Length > 0 ? format.ContentType : isJson ? JsonType : TextType;
        return new SubstitutionFormat(pieces, contentType, format.OmitEmptyValues);
    }

    /// <summary>Compiles a JSON template as a line of its own (the deprecated fields of file access logs).</summary>
    internal static SubstitutionFormat ParseJson(Google.Protobuf.WellKnownTypes.Struct template, ConfigContext context, IMessage at, string field) =>
        new(ParseJson(template, omitEmptyValues: false, context, at, field), JsonType);

    /// <summary>Appends the formatted text. A missing value prints "-" (or nothing with omit_empty_values). Worker threads, each with its own writer.</summary>
    public void Format(in FormatContext context, ByteWriter output)
    {
        foreach (var piece in _pieces)
        {
            if (!piece.TryWrite(context, output) && !_omitEmptyValues)
                output.Write((byte)'-');
        }
    }

    /// <summary>The same as a line of a log: no value of a request can end the line, or hide in it. What is configured stays as it is.</summary>
    public void FormatLine(in FormatContext context, ByteWriter output)
    {
        foreach (var piece in _pieces)
        {
            var start = output.Length;
            if (!piece.TryWrite(context, output) && !_omitEmptyValues)
                output.Write((byte)'-');
            // JSON is escaped already.
            if (piece is not (ConstantOperator or JsonObjectOperator))
                LineText.Protect(output, start);
        }
    }

    // text_format is deprecated and what everybody uses.
#pragma warning disable CS0612
    private static FormatOperator[]? ParseText(Envoy.Config.Core.V3.SubstitutionFormatString format, ConfigContext context)
    {
        switch (format.FormatCase)
        {
            case FormatCase.TextFormat:
                return new FormatParser(context, format, "text_format").Parse(format.TextFormat);
            case FormatCase.TextFormatSource:
                var text = DataSourceReader.Read(format.TextFormatSource, long.MaxValue, context);
                return text is null ? null : new FormatParser(context, format, "text_format_source").Parse(Encoding.UTF8.GetString(text));
            default:
                context.Error(format, null, "one of text_format, text_format_source and json_format is required");
                return null;
        }
    }
#pragma warning restore CS0612

    private static FormatOperator[]? ParseJson(Google.Protobuf.WellKnownTypes.Struct template, bool omitEmptyValues, ConfigContext context, IMessage at, string field)
    {
        var builder = new JsonFormatBuilder(new FormatParser(context, at, field), omitEmptyValues);
        return builder.Build(template) is { } json ? [json, new ConstantOperator("\n")] : null;
    }

    /// <summary>The operators of these extensions are always there; others are not.</summary>
    public static void CheckFormatters(IEnumerable<Envoy.Config.Core.V3.TypedExtensionConfig> formatters, ConfigContext context)
    {
        foreach (var formatter in formatters)
        {
            var type = formatter.TypedConfig?.TypeUrl ?? "";
            if (!Array.Exists(s_formatters, known => type.EndsWith(known, StringComparison.Ordinal)))
                context.Error(formatter, "typed_config", $"Formatter not found: {formatter.Name}");
        }
    }
}
