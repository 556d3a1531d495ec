using System.Globalization;
using Weft.Base.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>The names that count a cluster's gRPC calls, <c>grpc.*</c>: by status, as success or failure, and their messages. Envoy's context_impl.cc.</summary>
internal static class GrpcStatNames
{
    public const int Success = StatusCount + 1;
    public const int Failure = StatusCount + 2;
    public const int Total = StatusCount + 3;
    public const int RequestMessages = StatusCount + 4;
    public const int ResponseMessages = StatusCount + 5;

    /// <summary>Statuses from OK to UNAUTHENTICATED.</summary>
    private const int StatusCount = 17;

    /// <summary>Of a cluster.</summary>
    public static readonly StatNames Counters = new("grpc", StatusCount + 6, static member => "grpc." + NameOf(member));

    public static readonly StatNames Times = new("grpc times", 1, static _ => "grpc.upstream_rq_time");

    /// <summary>Of one method, in a scope of its own.</summary>
    public static readonly StatNames MethodCounters = new("grpc method", StatusCount + 6, NameOf);

    public static readonly StatNames MethodTimes = new("grpc method times", 1, static _ => "upstream_rq_time");

    /// <summary>The member for a grpc-status; what is no status has one of its own.</summary>
    public static int Status(ReadOnlySpan<byte> status) =>
        System.Buffers.Text.Utf8Parser.TryParse(status, out uint number, out var read) && read == status.Length && number < StatusCount
            ? (int)number
            : StatusCount;

    /// <summary>The member for how a call with a grpc-status went.</summary>
    public static int Outcome(ReadOnlySpan<byte> status) => status.SequenceEqual("0"u8) ? Success : Failure;

    private static string NameOf(int member) => member switch
    {
        < StatusCount => member.ToString(CultureInfo.InvariantCulture),
        StatusCount => "unknown",
        Success => "success",
        Failure => "failure",
        Total => "total",
        RequestMessages => "request_message_count",
        _ => "response_message_count",
    };
}
