using PrintMessage = Envoy.Extensions.Filters.Http.GrpcJsonTranscoder.V3.GrpcJsonTranscoder.Types.PrintOptions;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>print_options: how JSON is written. Immutable.</summary>
/// <param name="AddWhitespace">On lines of its own, with indentation.</param>
/// <param name="PrintDefaults">always_print_primitive_fields: fields that are not there too, with their defaults; empty lists and maps likewise.</param>
/// <param name="EnumsAsNumbers">always_print_enums_as_ints.</param>
/// <param name="ProtoNames">preserve_proto_field_names: as the .proto has them, not in camel case.</param>
/// <param name="LineDelimited">stream_newline_delimited: a line for each message of a stream, and no array around them.</param>
internal sealed record PrintOptions(bool AddWhitespace, bool PrintDefaults, bool EnumsAsNumbers, bool ProtoNames, bool LineDelimited)
{
    public static PrintOptions Of(PrintMessage? source) => source is null
        ? new PrintOptions(false, false, false, false, false)
        : new PrintOptions(source.AddWhitespace, source.AlwaysPrintPrimitiveFields, source.AlwaysPrintEnumsAsInts, source.PreserveProtoFieldNames, source.StreamNewlineDelimited);
}
