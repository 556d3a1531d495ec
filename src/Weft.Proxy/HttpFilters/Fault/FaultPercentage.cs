using System.Buffers.Text;
using Envoy.Type.V3;
using Weft.Http;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.HttpFilters.Fault;

/// <summary>The share of requests that a fault is for; a request may lower it with a header when the fault itself comes from a header. Immutable; any thread.</summary>
internal sealed class FaultPercentage(FractionalPercent? configured, HeaderName? header)
{
    private readonly RuntimeFraction _configured = RuntimeFraction.From(configured ?? new FractionalPercent());

    /// <param name="headers">Of the request.</param>
    /// <param name="key">The runtime key that overrides it.</param>
    public RuntimeFraction Of(HeaderMap headers, string key)
    {
        if (header is not { } name || !FaultHeaders.TryGetNumber(headers, name, out var number))
            return _configured with { Key = key };
        return _configured with { Key = key, Numerator = (uint)Math.Min(number, _configured.Numerator) };
    }
}

/// <summary>The request headers that ask for faults.</summary>
internal static class FaultHeaders
{
    public static readonly HeaderName DelayRequest = new("x-envoy-fault-delay-request");
    public static readonly HeaderName DelayRequestPercentage = new("x-envoy-fault-delay-request-percentage");
    public static readonly HeaderName AbortRequest = new("x-envoy-fault-abort-request");
    public static readonly HeaderName AbortGrpcRequest = new("x-envoy-fault-abort-grpc-request");
    public static readonly HeaderName AbortRequestPercentage = new("x-envoy-fault-abort-request-percentage");
    public static readonly HeaderName ThroughputResponse = new("x-envoy-fault-throughput-response");
    public static readonly HeaderName ThroughputResponsePercentage = new("x-envoy-fault-throughput-response-percentage");

    /// <summary>The first value as a number (an untrusted header: others do not count).</summary>
    public static bool TryGetNumber(HeaderMap headers, HeaderName name, out ulong number)
    {
        number = 0;
        return headers.TryGet(name, out var value) && Utf8Parser.TryParse(value, out number, out var read) && read == value.Length;
    }
}
