using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.XRay;

/// <summary>X-Ray's way: its header, its own sampling rules in place of the connection manager's, and datagrams to a daemon. One worker.</summary>
internal sealed class XRayTracer : Tracer, IDatagramHandler
{
    private readonly XRayTracerConfig _config;
    private readonly Worker _worker;
    private readonly XRaySegment _segment;
    private readonly UdpSocket _socket;
    private readonly ByteWriter _datagram = new();

    public XRayTracer(XRayTracerConfig config, Worker worker)
    {
        (_config, _worker) = (config, worker);
        _segment = new XRaySegment(config);
        NetAddress.TryParseIP(config.Daemon.Kind == NetAddressKind.IPv6 ? "::" : "0.0.0.0", 0, out var any);
        _socket = UdpSocket.Bind(worker.Loop, any, this);
    }

    public override bool TryStart(Span span, HeaderMap headers, StreamInfo info, bool isTraced, TracingConfig tracing)
    {
        var header = XRayHeader.Read(headers.Get(XRayHeader.Name));
        span.Id = _worker.Random.Next();
        span.IsSampled = header.IsSampled ?? _config.Sampling.ShouldTrace(headers, _worker.Loop.UtcNow, _worker.Random);
        (span.TraceIdHigh, span.TraceIdLow, span.ParentId) = header.HasTrace ? (header.TraceIdHigh, header.TraceIdLow, header.ParentId) : (NewTraceId(), _worker.Random.Next(), 0);
        var facts = span.State<XRaySpanFacts>();
        facts.IsEgress = tracing.IsEgress;
        facts.IsPart = false;
        facts.Client.Clear();
        if (span.IsSampled)
            facts.Client.Write(headers.Get(KnownHeader.XForwardedFor));
        return true;
    }

    public override void StartUpstream(Span span, Span parent, TracingConfig tracing)
    {
        span.IsSampled = parent.IsSampled;
        (span.TraceIdHigh, span.TraceIdLow, span.ParentId) = (parent.TraceIdHigh, parent.TraceIdLow, parent.Id);
        span.Id = _worker.Random.Next();
        var facts = span.State<XRaySpanFacts>();
        facts.IsEgress = tracing.IsEgress;
        facts.IsPart = true;
        facts.Client.Clear();
    }

    public override void Inject(Span span, HeaderMap headers, Endpoint? upstream) => XRayHeader.Write(span, headers);

    public override void Report(Span span, SpanTags tags, long durationUs)
    {
        _datagram.Clear();
        _datagram.Write("{\"format\":\"json\",\"version\":1}\n"u8);
        _segment.Write(_datagram, span, tags, durationUs);
        _socket.Send(_config.Daemon, _datagram.Written);
    }

    /// <summary>Nothing is expected.</summary>
    void IDatagramHandler.OnDatagram(NetAddress from, ReadOnlySpan<byte> data)
    {
    }

    /// <summary>The upper half of a trace id begins with the time.</summary>
    private ulong NewTraceId()
    {
        var seconds = (ulong)(_worker.Loop.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;
        return (seconds << 32) | (uint)_worker.Random.Next();
    }
}

/// <summary>What X-Ray tells of a span beyond its tags.</summary>
internal sealed class XRaySpanFacts
{
    /// <summary>x-forwarded-for; empty: none came.</summary>
    public ByteWriter Client { get; } = new(0);

    public bool IsEgress { get; set; }

    /// <summary>A subsegment: it is of a request to an upstream.</summary>
    public bool IsPart { get; set; }
}
