using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Proxy.AccessLogs.Collected;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Formatting;
using Weft.Proxy.Workers;
using LogsMessage = Envoy.Service.Accesslog.V3.StreamAccessLogsMessage;

namespace Weft.Proxy.AccessLogs.Grpc;

/// <summary>Streams entries to an access log service. Entries are messages, so each costs memory. One worker.</summary>
internal sealed class GrpcLogReporter(GrpcAccessLogConfig config, Worker worker) : LogReporter(config, worker)
{
    private const int LogEntry = 1;

    private readonly GrpcSendStream _stream = new(config.Collector, worker);
    private readonly ByteWriter _message = new(0);

    protected override void WriteEntry(in FormatContext context, ByteWriter entries)
    {
        IMessage entry = config.IsTcp ? GrpcLogEntries.OfConnection(context, config) : GrpcLogEntries.OfRequest(context, config);
        entries.WriteBytes(LogEntry, entry.ToByteArray());
    }

    protected override bool TrySend()
    {
        _message.Clear();
        if (!_stream.IsBegun)
            _message.Write(config.Identifier);
        _message.WriteBytes(config.IsTcp ? LogsMessage.TcpLogsFieldNumber : LogsMessage.HttpLogsFieldNumber, Entries);
        return _stream.TrySend(_message.Written);
    }
}
