using System.Buffers.Text;
using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>How %GRPC_STATUS% prints.</summary>
internal enum GrpcStatusStyle : byte { Camel, Snake, Number }

/// <summary>%GRPC_STATUS(X)%: of a gRPC request the status in the trailers, else in the head, else what the HTTP status means.</summary>
internal sealed class GrpcStatusOperator(GrpcStatusStyle style) : FormatOperator
{
    private static readonly string[] s_camel =
    [
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted",
        "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
    ];

    private static readonly string[] s_snake =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    public override bool IsTyped => style == GrpcStatusStyle.Number;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        if (!IsGrpc(context.RequestHeaders) || !TryGetStatus(context, out var status))
            return false;
        var names = style == GrpcStatusStyle.Camel ? s_camel : s_snake;
        if (style == GrpcStatusStyle.Number || status >= names.Length)
            output.Write(status);
        else
            output.Write(names[status]);
        return true;
    }

    public override bool TryWriteJson(in FormatContext context, ByteWriter output) =>
        style == GrpcStatusStyle.Number ? TryWrite(context, output) : base.TryWriteJson(context, output);

    /// <summary>The gRPC status of a response; false when there is none to be had.</summary>
    public static bool TryGetStatus(in FormatContext context, out long status)
    {
        if (TryRead(context.ResponseTrailers, out status) || TryRead(context.ResponseHeaders, out status))
            return true;
        status = FromHttp(context.Info.ResponseCode);
        return context.Info.ResponseCode != 0;
    }

    private static bool IsGrpc(HeaderMap? headers)
    {
        if (headers is null)
            return false;
        var type = headers.Get(KnownHeader.ContentType);
        return type.StartsWith("application/grpc"u8) && (type.Length == "application/grpc"u8.Length || type["application/grpc"u8.Length] == '+');
    }

    private static bool TryRead(HeaderMap? headers, out long status)
    {
        status = 0;
        return headers is not null
            && Utf8Parser.TryParse(headers.Get(KnownHeader.GrpcStatus), out status, out var used)
            && used == headers.Get(KnownHeader.GrpcStatus).Length && status >= 0;
    }

    private static long FromHttp(int status) => status switch
    {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 or 502 or 503 or 504 => 14,
        _ => 2,
    };
}
