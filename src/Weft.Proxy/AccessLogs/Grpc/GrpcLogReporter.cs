using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Net;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Formatting;
using Weft.Proxy.Workers;
using LogsMessage = Envoy.Service.Accesslog.V3.StreamAccessLogsMessage;

namespace Weft.Proxy.AccessLogs.Grpc;

/// <summary>Gathers the entries of one worker and streams them to the access log service: at a size, or when time is up. Entries are messages, so each costs memory. One worker.</summary>
internal sealed class GrpcLogReporter
{
    private const int LogEntry = 1;

    private readonly GrpcAccessLogConfig _config;
    private readonly GrpcSendStream _stream;
    private readonly LoopTimer _timer;
    private readonly ByteWriter _entries = new(1024);
    private readonly ByteWriter _message = new(0);
    private int _count;

    public GrpcLogReporter(GrpcAccessLogConfig config, Worker worker)
    {
        _config = config;
        _stream = new GrpcSendStream(config.Collector, worker);
        _timer = new LoopTimer(worker.Loop, Flush);
    }

    public void Add(in FormatContext context)
    {
        IMessage entry = _config.IsTcp ? GrpcLogEntries.OfConnection(context) : GrpcLogEntries.OfRequest(context, _config);
        _entries.WriteBytes(LogEntry, entry.ToByteArray());
        if (++_count == 1)
            _timer.Arm(_config.FlushIntervalMs);
        if (_entries.Length >= _config.BufferBytes)
            Flush();
    }

    private void Flush()
    {
        _timer.Cancel();
        _message.Clear();
        if (!_stream.IsBegun)
            _message.Write(_config.Identifier);
        _message.WriteBytes(_config.IsTcp ? LogsMessage.TcpLogsFieldNumber : LogsMessage.HttpLogsFieldNumber, _entries.Written);
        (_stream.TrySend(_message.Written) ? _config.LogsWritten : _config.LogsDropped).Add(_count);
        _entries.Clear();
        _count = 0;
    }
}
