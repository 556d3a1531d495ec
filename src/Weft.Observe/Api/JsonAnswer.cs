using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Weft.Observe.Serving;

namespace Weft.Observe.Api;

/// <summary>Answers in JSON.</summary>
internal static class JsonAnswer
{
    /// <summary>Not made for being put into HTML, so that quotes in texts stay readable.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static HttpAnswer Of(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
            write(json);
        return HttpAnswer.Json(buffer.WrittenMemory);
    }

    public static HttpAnswer Of(IEnumerable<string> texts) => Of(json =>
    {
        json.WriteStartArray();
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    });

    /// <summary>A number; null where there is none.</summary>
    public static void WriteNumberOrNull(this Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, Math.Round(value, 3));
        else
            json.WriteNull(name);
    }
}
