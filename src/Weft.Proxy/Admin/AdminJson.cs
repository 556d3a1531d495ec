using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Weft.Config;

namespace Weft.Proxy.Admin;

/// <summary>JSON answers in the layout of protobuf's printer: one space per level, snake_case names, 64-bit numbers as strings.</summary>
internal static class AdminJson
{
    private static readonly PrintOptions Sparse = PrintOptions.Default;
    private static readonly PrintOptions Full = PrintOptions.Default with { AllFields = true };

    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="withDefaults">Print fields that are not set, too.</param>
    public static void Answer(AdminResponse response, IMessage message, bool withDefaults)
    {
        response.ContentType = AdminResponse.Json;
        response.Body.Write(MessagePrinter.ToJson(message, withDefaults ? Full : Sparse));
        response.Body.Write((byte)'\n');
    }

    /// <summary>For what is no message.</summary>
    public static void Answer(AdminResponse response, Action<Utf8JsonWriter> write)
    {
        response.ContentType = AdminResponse.Json;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Layout))
            write(json);
        response.Body.Write(buffer.WrittenSpan);
        response.Body.Write((byte)'\n');
    }
}
