using System.Text;
using Envoy.Extensions.Filters.Http.Fault.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.Matching;
using AbortCase = Envoy.Extensions.Filters.Http.Fault.V3.FaultAbort.ErrorTypeOneofCase;
using DelayCase = Envoy.Extensions.Filters.Common.Fault.V3.FaultDelay.FaultDelaySecifierOneofCase;
using LimitCase = Envoy.Extensions.Filters.Common.Fault.V3.FaultRateLimit.LimitTypeOneofCase;

namespace Weft.Proxy.HttpFilters.Fault;

/// <summary>An HTTPFault, of the filter or of a route: which faults, for which requests. Immutable; any thread.</summary>
internal sealed class FaultConfig : FilterRouteConfig
{
    private readonly HeaderMatcher[] _headers;
    private readonly byte[][] _nodes;
    private readonly string _upstreamCluster;

    private FaultConfig(HTTPFault config, FactoryContext context)
    {
        _headers = HeaderMatcher.Create(config.Headers, context.Config);
        _nodes = [.. config.DownstreamNodes.Select(Encoding.UTF8.GetBytes)];
        _upstreamCluster = config.UpstreamCluster;
        Delay = config.Delay is { } delay ? new DelayFault(delay) : null;
        Abort = config.Abort is { } abort ? new AbortFault(abort) : null;
        ResponseRate = config.ResponseRateLimit is { } limit ? new RateFault(limit) : null;
        MaxActiveFaults = config.MaxActiveFaults ?? ulong.MaxValue;
        Keys = new FaultRuntimeKeys(config);
        CountsDownstreamClusters = !config.DisableDownstreamClusterStats;
        Metadata = config.FilterMetadata;
    }

    public DelayFault? Delay { get; }

    public AbortFault? Abort { get; }

    public RateFault? ResponseRate { get; }

    /// <summary>max_active_faults; default: no limit.</summary>
    public ulong MaxActiveFaults { get; }

    public FaultRuntimeKeys Keys { get; }

    public bool CountsDownstreamClusters { get; }

    /// <summary>filter_metadata: what is attached to requests with a fault; null: nothing.</summary>
    public Struct? Metadata { get; }

    public static FaultConfig Create(HTTPFault config, FactoryContext context) => new(config, context);

    /// <param name="cluster">Where the request is going; null when nowhere.</param>
    public bool IsFor(HeaderMap headers, string? cluster)
        => (_upstreamCluster.Length == 0 || cluster == _upstreamCluster) && IsFromNode(headers) && HeaderMatcher.AllMatch(_headers, headers);

    /// <summary>upstream_cluster is set: the route counts.</summary>
    public bool AsksForCluster => _upstreamCluster.Length > 0;

    private bool IsFromNode(HeaderMap headers)
    {
        if (_nodes.Length == 0) return true;
        if (!headers.Has(KnownHeader.XEnvoyDownstreamServiceNode)) return false;
        var node = headers.Get(KnownHeader.XEnvoyDownstreamServiceNode);
        foreach (var allowed in _nodes)
        {
            if (node.SequenceEqual(allowed)) return true;
        }

        return false;
    }

    /// <summary>A delay before the request goes on.</summary>
    internal sealed class DelayFault(Envoy.Extensions.Filters.Common.Fault.V3.FaultDelay config)
    {
        private readonly long? _fixedMs = config.FaultDelaySecifierCase == DelayCase.FixedDelay ? config.FixedDelay.ToMs() : null;

        public FaultPercentage Percentage { get; } = new(config.Percentage, config.FaultDelaySecifierCase == DelayCase.HeaderDelay ? FaultHeaders.DelayRequestPercentage : null);

        /// <summary>Null when the header that should tell it does not.</summary>
        public ulong? DurationMs(HeaderMap headers)
        {
            if (_fixedMs is { } ms) return (ulong)ms;
            return FaultHeaders.TryGetNumber(headers, FaultHeaders.DelayRequest, out var number) ? number : null;
        }
    }

    /// <summary>An answer in place of the upstream's.</summary>
    internal sealed class AbortFault(FaultAbort config)
    {
        private readonly AbortCase _kind = config.ErrorTypeCase;
        private readonly uint _http = config.HttpStatus;
        private readonly uint _grpc = config.GrpcStatus;

        public FaultPercentage Percentage { get; } = new(config.Percentage, config.ErrorTypeCase == AbortCase.HeaderAbort ? FaultHeaders.AbortRequestPercentage : null);

        public ulong? HttpStatus(HeaderMap headers) => _kind switch
        {
            AbortCase.HttpStatus => _http,
            AbortCase.HeaderAbort when FaultHeaders.TryGetNumber(headers, FaultHeaders.AbortRequest, out var number) && number is >= 200 and < 600 => number,
            _ => null,
        };

        public ulong? GrpcStatus(HeaderMap headers) => _kind switch
        {
            AbortCase.GrpcStatus => _grpc,
            AbortCase.HeaderAbort when FaultHeaders.TryGetNumber(headers, FaultHeaders.AbortGrpcRequest, out var number) => number,
            _ => null,
        };
    }

    /// <summary>A slow response.</summary>
    internal sealed class RateFault(Envoy.Extensions.Filters.Common.Fault.V3.FaultRateLimit config)
    {
        private readonly ulong? _fixed = config.LimitTypeCase == LimitCase.FixedLimit ? config.FixedLimit.LimitKbps : null;

        public FaultPercentage Percentage { get; } = new(config.Percentage, config.LimitTypeCase == LimitCase.HeaderLimit ? FaultHeaders.ThroughputResponsePercentage : null);

        /// <summary>In KiB per second; null when the header that should tell it does not.</summary>
        public ulong? KibPerSecond(HeaderMap headers)
        {
            if (_fixed is not null) return _fixed;
            return FaultHeaders.TryGetNumber(headers, FaultHeaders.ThroughputResponse, out var number) && number > 0 ? number : null;
        }
    }
}
