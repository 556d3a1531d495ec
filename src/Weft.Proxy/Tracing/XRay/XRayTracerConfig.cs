using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Config.Trace.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.XRay;

/// <summary>XRayConfig: segments to the X-Ray daemon, a datagram each. Immutable, shared by all workers.</summary>
internal sealed class XRayTracerConfig(int concurrency) : TracerConfig(concurrency)
{
    private const long MaxManifestBytes = 1024 * 1024;

    public required NetAddress Daemon { get; init; }

    /// <summary>segment_name.</summary>
    public required byte[] Name { get; init; }

    /// <summary>segment_fields.origin; empty: none.</summary>
    public required byte[] Origin { get; init; }

    /// <summary>segment_fields.aws, as JSON.</summary>
    public required byte[] Aws { get; init; }

    public required XRaySampling Sampling { get; init; }

    /// <summary>Null after a fault, which is reported.</summary>
    public static XRayTracerConfig? Create(XRayConfig source, FactoryContext context)
    {
        if (AddressOf(source, context) is not { } daemon)
            return null;
        var manifest = source.SamplingRuleManifest is { SpecifierCase: not DataSource.SpecifierOneofCase.None } data
            ? DataSourceReader.Read(data, MaxManifestBytes, context.Config)
            : null;
        var sampling = XRaySampling.Parse(manifest is null ? "" : Encoding.UTF8.GetString(manifest), out var fault);
        if (fault is not null)
            context.Config.Warning(source, "sampling_rule_manifest", $"Failed to parse sampling rules - {fault}; the default rule holds: one request a second, and 5 % of the others");
        return new XRayTracerConfig(context.Concurrency)
        {
            Daemon = daemon,
            Name = Encoding.UTF8.GetBytes(source.SegmentName),
            Origin = Encoding.UTF8.GetBytes(source.SegmentFields?.Origin ?? ""),
            Aws = JsonOf(source.SegmentFields?.Aws),
            Sampling = sampling,
        };
    }

    private protected override Tracer Create(Worker worker) => new XRayTracer(this, worker);

    private static NetAddress? AddressOf(XRayConfig source, FactoryContext context)
    {
        if (source.DaemonEndpoint is not { } endpoint)
        {
            NetAddress.TryParseIP("127.0.0.1", 2000, out var local);
            return local;
        }

        var fault = endpoint.Protocol != SocketAddress.Types.Protocol.Udp ? "X-Ray daemon endpoint must be a UDP socket address"
            : endpoint.PortSpecifierCase != SocketAddress.PortSpecifierOneofCase.PortValue ? "X-Ray daemon port must be specified as number. Not a named port."
            : NetAddress.TryParseIP(endpoint.Address, (int)endpoint.PortValue, out var address) ? null
            : $"malformed IP address: {endpoint.Address}";
        if (fault is null)
            return NetAddress.TryParseIP(endpoint.Address, (int)endpoint.PortValue, out var result) ? result : null;
        context.Config.Error(source, "daemon_endpoint", fault);
        return null;
    }

    private static byte[] JsonOf(Struct? fields)
    {
        var output = new ByteWriter();
        JsonValue.Write(output, Value.ForStruct(fields ?? new Struct()));
        return output.Written.ToArray();
    }
}
