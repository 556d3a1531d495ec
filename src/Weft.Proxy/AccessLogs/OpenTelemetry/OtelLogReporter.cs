using Weft.Base.Buffers;
using Weft.Proxy.AccessLogs.Collected;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Formatting;
using Weft.Proxy.Workers;

namespace Weft.Proxy.AccessLogs.OpenTelemetry;

/// <summary>Posts log records as ExportLogsServiceRequests (OTLP). One worker.</summary>
internal sealed class OtelLogReporter : LogReporter
{
    private const int ResourceLogs = 1, Resource = 1, ScopeLogs = 2;
    private const int LogRecords = 2, Time = 1, Body = 5, Attributes = 6, TraceId = 9, SpanId = 10;

    private readonly OtelAccessLogConfig _config;
    private readonly CollectorCalls _calls;
    private readonly CollectorCalls.BodyWriter _writeRequest;
    private readonly ByteWriter _record = new(512);
    private readonly ByteWriter _body = new(256);

    public OtelLogReporter(OtelAccessLogConfig config, Worker worker)
        : base(config, worker)
    {
        _config = config;
        _calls = new CollectorCalls(config.Collector, worker, OnReportEnd);
        _writeRequest = WriteRequest;
    }

    protected override bool TrySend(int count) => _calls.TrySend(_config.Collector.TimeoutMs, _writeRequest, count);

    protected override void WriteEntry(in FormatContext context, ByteWriter entries)
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

        entries.WriteBytes(LogRecords, _record.Written);
    }

    private void OnReportEnd(int status, int count)
    {
        if (status is >= 200 and < 300)
            OnWritten(count);
        else
            OnLost(count);
    }

    private void WriteRequest(ByteWriter output)
    {
        output.WriteHead(ResourceLogs, ProtoText.SizeOfField(_config.Resource.Length) + ProtoText.SizeOfField(Entries.Length));
        output.WriteBytes(Resource, _config.Resource);
        output.WriteBytes(ScopeLogs, Entries);
    }
}
