using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Proxy.AccessLogs.Collected;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Formatting;
using Weft.Proxy.Workers;
using LogsMessage = Envoy.Service.Accesslog.V3.StreamAccessLogsMessage;

namespace Weft.Proxy.AccessLogs.Grpc;

/// <summary>Streams entries to an access log service. Entries are messages, so each costs memory. One worker.</summary>
internal sealed class GrpcLogReporter : LogReporter
{
    private const int LogEntry = 1;

    private readonly GrpcAccessLogConfig _config;
    private readonly GrpcSendStream _stream;
    private readonly ByteWriter _message = new(0);

    public GrpcLogReporter(GrpcAccessLogConfig config, Worker worker)
        : base(config, worker)
    {
        _config = config;
        _stream = new GrpcSendStream(config.Collector, worker) { OnSent = OnWritten, OnLost = OnLost };
    }

    protected override void WriteEntry(in FormatContext context, ByteWriter entries)
    {
        IMessage entry = _config.IsTcp ? GrpcLogEntries.OfConnection(context, _config) : GrpcLogEntries.OfRequest(context, _config);
        entries.WriteBytes(LogEntry, entry.ToByteArray());
    }

    protected override bool TrySend(int count)
    {
        _message.Clear();
        if (!_stream.IsBegun)
            _message.Write(_config.Identifier);
        _message.WriteBytes(_config.IsTcp ? LogsMessage.TcpLogsFieldNumber : LogsMessage.HttpLogsFieldNumber, Entries);
        return _stream.TrySend(_message.Written, count);
    }
}
