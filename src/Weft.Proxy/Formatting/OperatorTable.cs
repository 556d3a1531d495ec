using Weft.Base.Buffers;
using Weft.Net;
using Weft.Proxy.Formatting.Operators;

namespace Weft.Proxy.Formatting;

/// <summary>Every operator by name: those without parameters here, those with in <see cref="OperatorFactories"/>.</summary>
internal static class OperatorTable
{
    private static readonly Dictionary<string, OperatorKind> s_kinds = Build();

    /// <summary>All names, in order.</summary>
    public static IEnumerable<string> Names => s_kinds.Keys.Order(StringComparer.Ordinal);

    public static OperatorKind? Find(string name) => s_kinds.GetValueOrDefault(name);

    private static Dictionary<string, OperatorKind> Build()
    {
        var kinds = new Dictionary<string, OperatorKind>(StringComparer.Ordinal);
        AddTexts(kinds);
        AddNumbers(kinds);
        AddDurations(kinds);
        AddAddresses(kinds);
        OperatorFactories.AddTo(kinds);
        TlsOperators.AddTo(kinds);
        UnavailableOperators.AddTo(kinds);
        return kinds;
    }

    private static void AddTexts(Dictionary<string, OperatorKind> kinds)
    {
        void Add(string name, TextSource source) => kinds.Add(name, OperatorKind.Of(new TextOperator(source)));
        Add("PROTOCOL", static (in FormatContext context, ByteWriter output) => TextSources.Write(context.Info.Protocol, output));
        Add("UPSTREAM_PROTOCOL", static (in FormatContext context, ByteWriter output) => TextSources.Write(context.Info.UpstreamProtocol, output));
        Add("CONNECTION_TERMINATION_DETAILS", static (in FormatContext context, ByteWriter output) => TextSources.Write(context.Info.ConnectionTerminationDetails, output));
        Add("UPSTREAM_TRANSPORT_FAILURE_REASON", static (in FormatContext context, ByteWriter output) => TextSources.WriteWithoutSpaces(context.Info.UpstreamTransportFailureReason, output));
        Add("UPSTREAM_HOST", static (in FormatContext context, ByteWriter output) => TextSources.Write(context.Info.UpstreamEndpoint?.AddressText, output));
        Add("UPSTREAM_HOST_NAME", static (in FormatContext context, ByteWriter output) => TextSources.WriteHostName(context, output, withPort: true));
        Add("UPSTREAM_HOST_NAME_WITHOUT_PORT", static (in FormatContext context, ByteWriter output) => TextSources.WriteHostName(context, output, withPort: false));
        Add("UPSTREAM_CLUSTER", static (in FormatContext context, ByteWriter output) => TextSources.Write(context.Info.UpstreamCluster?.StatName, output));
        Add("UPSTREAM_CLUSTER_RAW", static (in FormatContext context, ByteWriter output) => TextSources.Write(context.Info.UpstreamCluster?.Name, output));
        Add("ROUTE_NAME", static (in FormatContext context, ByteWriter output) => TextSources.Write(context.Info.Route?.Name, output));
        Add("VIRTUAL_HOST_NAME", static (in FormatContext context, ByteWriter output) => TextSources.Write(context.Info.VirtualHost?.Name, output));
        Add("FILTER_CHAIN_NAME", static (in FormatContext context, ByteWriter output) => TextSources.Write(context.Info.FilterChainName, output));
        Add("STREAM_ID", static (in FormatContext context, ByteWriter output) => TextSources.WriteRequestId(context, output));
        Add("VIRTUAL_CLUSTER_NAME", static (in FormatContext context, ByteWriter output) => TextSources.Write(context.Info.VirtualClusterName, output));
        Add("TRACE_ID", static (in FormatContext context, ByteWriter output) => TextSources.WriteTraceId(context, output));
        Add("ACCESS_LOG_TYPE", static (in FormatContext context, ByteWriter output) => TextSources.WriteLogType(context, output));
        Add("LOCAL_REPLY_BODY", static (in FormatContext context, ByteWriter output) =>
        {
            output.Write(context.LocalReplyBody);
            return true;
        });
        kinds.Add("RESPONSE_FLAGS", OperatorKind.Of(new ResponseFlagsOperator(isLong: false)));
        kinds.Add("RESPONSE_FLAGS_LONG", OperatorKind.Of(new ResponseFlagsOperator(isLong: true)));
        kinds.Add("UNIQUE_ID", OperatorKind.Of(new UniqueIdOperator()));
        kinds.Add("HOSTNAME", OperatorKind.Of(new ConstantOperator(System.Net.Dns.GetHostName())));
    }

    private static void AddNumbers(Dictionary<string, OperatorKind> kinds)
    {
        void Add(string name, NumberSource source) => kinds.Add(name, OperatorKind.Of(new NumberOperator(source)));
        Add("RESPONSE_CODE", static (in FormatContext context) => context.Info.ResponseCode);
        Add("BYTES_RECEIVED", static (in FormatContext context) => context.Info.BytesReceived);
        Add("BYTES_SENT", static (in FormatContext context) => context.Info.BytesSent);
        Add("DOWNSTREAM_HEADER_BYTES_RECEIVED", static (in FormatContext context) => context.Info.HeaderBytesReceived);
        Add("DOWNSTREAM_HEADER_BYTES_SENT", static (in FormatContext context) => context.Info.HeaderBytesSent);
        Add("DOWNSTREAM_WIRE_BYTES_RECEIVED", static (in FormatContext context) => context.Info.HeaderBytesReceived + context.Info.BytesReceived);
        Add("DOWNSTREAM_WIRE_BYTES_SENT", static (in FormatContext context) => context.Info.HeaderBytesSent + context.Info.BytesSent);
        Add("REQUEST_HEADERS_BYTES", static (in FormatContext context) => context.RequestHeaders?.ByteSize ?? 0);
        Add("RESPONSE_HEADERS_BYTES", static (in FormatContext context) => context.ResponseHeaders?.ByteSize ?? 0);
        Add("RESPONSE_TRAILERS_BYTES", static (in FormatContext context) => context.ResponseTrailers?.ByteSize ?? 0);
        Add("UPSTREAM_HEADER_BYTES_SENT", static (in FormatContext context) => context.Info.UpstreamHeaderBytesSent);
        Add("UPSTREAM_HEADER_BYTES_RECEIVED", static (in FormatContext context) => context.Info.UpstreamHeaderBytesReceived);
        Add("UPSTREAM_WIRE_BYTES_SENT", static (in FormatContext context) => context.Info.UpstreamReadyUs == 0 ? 0 : context.Info.UpstreamHeaderBytesSent + context.Info.BytesReceived);
        Add("UPSTREAM_WIRE_BYTES_RECEIVED", static (in FormatContext context) => context.Info.UpstreamHeaderBytesReceived + context.Info.UpstreamBodyBytesReceived);
        // Heads are counted as text, which is what decompression comes to.
        Add("UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT", static (in FormatContext context) => context.Info.UpstreamHeaderBytesSent);
        Add("UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED", static (in FormatContext context) => context.Info.UpstreamHeaderBytesReceived);
        Add("DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED", static (in FormatContext context) => context.Info.HeaderBytesReceived);
        Add("DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT", static (in FormatContext context) => context.Info.HeaderBytesSent);
        // Of QUIC; 0 for everything else, as Envoy documents.
        Add("BYTES_RETRANSMITTED", static (in FormatContext _) => 0);
        Add("PACKETS_RETRANSMITTED", static (in FormatContext _) => 0);
        Add("CONNECTION_ID", static (in FormatContext context) => context.Info.ConnectionId);
        Add("UPSTREAM_CONNECTION_ID", static (in FormatContext context) => context.Info.UpstreamConnectionId);
        Add("UPSTREAM_REQUEST_ATTEMPT_COUNT", static (in FormatContext context) => context.Info.AttemptCount);
    }

    private static void AddDurations(Dictionary<string, OperatorKind> kinds)
    {
        void Add(string name, MomentSource start, MomentSource end) => kinds.Add(name, OperatorKind.Of(new DurationOperator(start, end)));
        Add("DURATION", static info => info.StartUs, static info => info.EndUs);
        Add("REQUEST_DURATION", static info => info.StartUs, static info => info.LastDownstreamRxByteUs);
        Add("REQUEST_TX_DURATION", static info => info.StartUs, static info => info.LastUpstreamTxByteUs);
        Add("RESPONSE_DURATION", static info => info.StartUs, static info => info.FirstUpstreamRxByteUs);
        Add("DOWNSTREAM_HANDSHAKE_DURATION", static info => info.DownstreamAcceptedUs, static info => info.DownstreamSecuredUs);
        Add("UPSTREAM_CONNECTION_POOL_READY_DURATION", static info => info.UpstreamBegunUs, static info => info.UpstreamReadyUs);
        Add("RESPONSE_TX_DURATION", static info => info.FirstUpstreamRxByteUs, static info => info.LastDownstreamTxByteUs);
    }

    private static void AddAddresses(Dictionary<string, OperatorKind> kinds)
    {
        void Add(string name, AddressSource source)
        {
            kinds.Add(name + "_ADDRESS", OperatorKind.Of(new AddressOperator(source, AddressPart.Whole)));
            kinds.Add(name + "_ADDRESS_WITHOUT_PORT", OperatorKind.Of(new AddressOperator(source, AddressPart.WithoutPort)));
            kinds.Add(name + "_PORT", OperatorKind.Of(new AddressOperator(source, AddressPart.Port)));
        }

        Add("DOWNSTREAM_REMOTE", static (in FormatContext context) => context.Info.DownstreamRemoteAddress);
        Add("DOWNSTREAM_DIRECT_REMOTE", static (in FormatContext context) => context.Info.DownstreamDirectRemoteAddress);
        Add("DOWNSTREAM_LOCAL", static (in FormatContext context) => context.Info.DownstreamLocalAddress);
        Add("DOWNSTREAM_DIRECT_LOCAL", static (in FormatContext context) => context.Info.DownstreamDirectLocalAddress);
        Add("UPSTREAM_LOCAL", static (in FormatContext context) => context.Info.UpstreamLocalAddress);
        Add("UPSTREAM_REMOTE", UpstreamRemoteAddress);
    }

    /// <summary>The address that answered, which with Happy Eyeballs need not be the endpoint's first; that one, before any has.</summary>
    private static NetAddress UpstreamRemoteAddress(in FormatContext context) =>
        context.Info.UpstreamRemoteAddress.Kind != NetAddressKind.None ? context.Info.UpstreamRemoteAddress : context.Info.UpstreamEndpoint?.Address ?? default;
}
