using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Config;

namespace Weft.Proxy.Formatting;

/// <summary>
/// A format string with <c>%OPERATOR(arguments):length%</c>, compiled once; formatting allocates nothing.
/// Source: Envoy's substitution formatter. Immutable, shared by all workers.
/// </summary>
public sealed class SubstitutionFormat
{
    /// <summary>Compiles a format; faults (unknown operator, bad arguments) are reported at <paramref name="at"/>'s field and yield a format that prints "-".</summary>
    public static SubstitutionFormat Parse(string format, ConfigContext context, IMessage at, string field) => throw new NotImplementedException();

    /// <summary>Compiles SubstitutionFormatString: text_format, text_format_source, json_format, omit_empty_values, content_type.</summary>
    public static SubstitutionFormat Parse(Envoy.Config.Core.V3.SubstitutionFormatString format, ConfigContext context) => throw new NotImplementedException();

    /// <summary>Set when there is no operator at all: the text itself, so that constant headers cost nothing.</summary>
    public byte[]? Constant => throw new NotImplementedException();

    /// <summary>The content type of a local reply body in this format.</summary>
    public string ContentType => throw new NotImplementedException();

    /// <summary>Appends the formatted text. A missing value prints "-" (or nothing with omit_empty_values). Worker threads, each with its own writer.</summary>
    public void Format(in FormatContext context, ByteWriter output) => throw new NotImplementedException();
}
