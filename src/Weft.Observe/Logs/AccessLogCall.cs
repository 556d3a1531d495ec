using Envoy.Service.Accesslog.V3;
using Google.Protobuf;
using Weft.Observe.Serving;

namespace Weft.Observe.Logs;

/// <summary>A proxy that sends its access log by gRPC: the first message says who it is. Loop thread.</summary>
internal sealed class AccessLogCall(Observer observer) : GrpcCall
{
    private string _node = "unknown";
    private string _source = "unknown";

    public override string? Take(ReadOnlySpan<byte> message)
    {
        StreamAccessLogsMessage entries;
        try
        {
            entries = StreamAccessLogsMessage.Parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException e)
        {
            observer.Malformed++;
            return e.Message;
        }

        if (entries.Identifier is { } identifier)
        {
            _node = identifier.Node is { Id.Length: > 0 } node ? node.Id : "unknown";
            _source = identifier.LogName.Length > 0 ? $"{_node}/{identifier.LogName}" : _node;
        }

        foreach (var entry in entries.HttpLogs?.LogEntry ?? [])
        {
            observer.AddLog(_source, LogEntry.Text(entry));
            observer.Traffic.AddRequest(_node, LogEntry.Request(entry));
        }

        foreach (var entry in entries.TcpLogs?.LogEntry ?? [])
            observer.AddLog(_source, LogEntry.Text(entry));
        return null;
    }
}
