using Weft.Base.Buffers;
using Weft.Net;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Formatting;
using Weft.Proxy.Workers;

namespace Weft.Proxy.AccessLogs.OpenTelemetry;

/// <summary>Gathers the log records of one worker and posts them as ExportLogsServiceRequests (OTLP): at a size, or when time is up. One worker.</summary>
internal sealed class OtelLogReporter
{
    private const int ResourceLogs = 1, Resource = 1, ScopeLogs = 2;
    private const int LogRecords = 2, Time = 1, Body = 5, Attributes = 6, TraceId = 9, SpanId = 10;

    private readonly OtelAccessLogConfig _config;
    private readonly CollectorCalls _calls;
    private readonly CollectorCalls.BodyWriter _writeRequest;
    private readonly LoopTimer _timer;
    private readonly ByteWriter _records = new(1024);
    private readonly ByteWriter _record = new(512);
    private readonly ByteWriter _body = new(256);
    private int _count;

    public OtelLogReporter(OtelAccessLogConfig config, Worker worker)
    {
        _config = config;
        _calls = new CollectorCalls(config.Collector, worker, static _ => { });
        _writeRequest = WriteRequest;
        _timer = new LoopTimer(worker.Loop, Flush);
    }

    public void Add(in FormatContext context)
    {
        WriteRecord(context);
        if (++_count == 1)
            _timer.Arm(_config.FlushIntervalMs);
        if (_records.Length >= _config.BufferBytes)
            Flush();
    }

    private void Flush()
    {
        _timer.Cancel();
        var counter = _calls.TrySend(_config.Collector.TimeoutMs, _writeRequest) ? _config.LogsWritten : _config.LogsDropped;
        counter.Add(_count);
        _records.Clear();
        _count = 0;
    }

    private void WriteRequest(ByteWriter output)
    {
        output.WriteHead(ResourceLogs, ProtoText.SizeOfField(_config.Resource.Length) + ProtoText.SizeOfField(_records.Length));
        output.WriteBytes(Resource, _config.Resource);
        output.WriteBytes(ScopeLogs, _records.Written);
    }

    private void WriteRecord(in FormatContext context)
    {
        _record.Clear();
        _record.WriteFixed64(Time, (ulong)(context.Info.StartTime.Ticks - DateTime.UnixEpoch.Ticks) * 100);
        if (_config.Body is { } body)
        {
            _body.Clear();
            body.Write(_body, context);
            _record.WriteBytes(Body, _body.Written);
        }

        OtelValue.WriteMembers(_record, Attributes, _config.Attributes, context);
        if (context.Info.Span is { } span)
        {
            _record.WriteHead(TraceId, 16);
            _record.WriteBigEndian(span.TraceIdHigh);
            _record.WriteBigEndian(span.TraceIdLow);
            _record.WriteHead(SpanId, 8);
            _record.WriteBigEndian(span.Id);
        }

        _records.WriteBytes(LogRecords, _record.Written);
    }
}
