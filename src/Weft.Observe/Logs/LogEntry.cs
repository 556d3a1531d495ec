using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Envoy.Data.Accesslog.V3;

namespace Weft.Observe.Logs;

/// <summary>What the page wants to know of one request that was logged. Immutable.</summary>
/// <param name="Route">"" when the route has no name.</param>
/// <param name="Status">0 when there was no response.</param>
/// <param name="DurationMs">Of the whole request.</param>
internal sealed record LoggedRequest(string Route, string Cluster, int Status, double DurationMs);

/// <summary>Entries of the access log service as lines of JSON, with the names that Envoy's documentation gives its fields.</summary>
internal static class LogEntry
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static LoggedRequest Request(HTTPAccessLogEntry entry) => new(
        entry.CommonProperties?.RouteName ?? "",
        entry.CommonProperties?.UpstreamCluster ?? "",
        (int)(entry.Response?.ResponseCode ?? 0),
        DurationMs(entry.CommonProperties));

    public static string Text(HTTPAccessLogEntry entry) => Write(json =>
    {
        WriteStart(json, entry.CommonProperties);
        json.WriteString("method", entry.Request?.RequestMethod.ToString().ToUpperInvariant());
        json.WriteString("authority", entry.Request?.Authority);
        json.WriteString("path", entry.Request?.Path);
        json.WriteNumber("response_code", entry.Response?.ResponseCode ?? 0);
        json.WriteString("response_code_details", entry.Response?.ResponseCodeDetails);
        json.WriteNumber("duration", DurationMs(entry.CommonProperties));
        WriteEnd(json, entry.CommonProperties);
        json.WriteString("request_id", entry.Request?.RequestId);
        json.WriteString("user_agent", entry.Request?.UserAgent);
    });

    public static string Text(TCPAccessLogEntry entry) => Write(json =>
    {
        WriteStart(json, entry.CommonProperties);
        json.WriteNumber("duration", DurationMs(entry.CommonProperties));
        json.WriteNumber("bytes_received", entry.ConnectionProperties?.ReceivedBytes ?? 0);
        json.WriteNumber("bytes_sent", entry.ConnectionProperties?.SentBytes ?? 0);
        WriteEnd(json, entry.CommonProperties);
    });

    private static void WriteStart(Utf8JsonWriter json, AccessLogCommon? common) => json.WriteString("start_time", common?.StartTime?.ToDateTime() ?? default);

    private static void WriteEnd(Utf8JsonWriter json, AccessLogCommon? common)
    {
        json.WriteString("response_flags", common?.ResponseFlags is { } flags ? ResponseFlagText.Of(flags) : "-");
        json.WriteString("route_name", common?.RouteName);
        json.WriteString("upstream_cluster", common?.UpstreamCluster);
        json.WriteString("upstream_host", Address(common?.UpstreamRemoteAddress));
        json.WriteString("downstream_remote_address", Address(common?.DownstreamRemoteAddress));
    }

    private static double DurationMs(AccessLogCommon? common) =>
        common?.TimeToLastDownstreamTxByte?.ToTimeSpan().TotalMilliseconds ?? common?.Duration?.ToTimeSpan().TotalMilliseconds ?? 0;

    private static string? Address(Envoy.Config.Core.V3.Address? address) =>
        address?.SocketAddress is { } socket ? $"{socket.Address}:{socket.PortValue}" : address?.Pipe?.Path;

    private static string Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
