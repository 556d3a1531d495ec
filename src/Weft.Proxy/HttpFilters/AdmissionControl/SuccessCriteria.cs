using System.Buffers.Text;
using Weft.Config;
using Message = Envoy.Extensions.Filters.Http.AdmissionControl.V3.AdmissionControl.Types.SuccessCriteria;

namespace Weft.Proxy.HttpFilters.AdmissionControl;

/// <summary>Which answers say that the upstream is well. Immutable; any thread.</summary>
internal sealed class SuccessCriteria
{
    private const int MaxGrpcStatus = 16;

    /// <summary>Every gRPC status that is no fault of the server: OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED, UNAUTHENTICATED.</summary>
    private const int DefaultGrpc = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 9 | 1 << 11 | 1 << 12 | 1 << 16;

    private readonly (int Start, int End)[] _http;
    private readonly int _grpc;

    private SuccessCriteria((int Start, int End)[] http, int grpc) => (_http, _grpc) = (http, grpc);

    /// <summary>Compiles; faults are reported in the context. Below 500, and no fault of a gRPC server, unless it says otherwise.</summary>
    public static SuccessCriteria Create(Message config, ConfigContext context)
    {
        (int Start, int End)[] http = [(0, 500)];
        if (config.HttpCriteria is { } httpCriteria)
        {
            http = [.. httpCriteria.HttpSuccessStatus.Select(range => (range.Start, range.End))];
            foreach (var (start, end) in http)
            {
                if (start < 100 || end > 600 || start > end)
                    context.Error(httpCriteria, "http_success_status", $"invalid HTTP range: [{start}, {end})");
            }
        }

        var grpc = DefaultGrpc;
        if (config.GrpcCriteria is { } grpcCriteria)
        {
            grpc = 0;
            foreach (var status in grpcCriteria.GrpcSuccessStatus)
            {
                if (status > MaxGrpcStatus)
                    context.Error(grpcCriteria, "grpc_success_status", $"invalid gRPC code {status}");
                grpc |= 1 << (int)status;
            }
        }

        return new SuccessCriteria(http, grpc);
    }

    public bool IsHttpSuccess(int status)
    {
        foreach (var (start, end) in _http)
        {
            if (status >= start && status < end)
                return true;
        }

        return false;
    }

    /// <param name="status">The value of grpc-status; one that is no status is no success.</param>
    public bool IsGrpcSuccess(ReadOnlySpan<byte> status) =>
        Utf8Parser.TryParse(status, out uint code, out var read) && read == status.Length && code <= MaxGrpcStatus && (_grpc & (1 << (int)code)) != 0;
}
