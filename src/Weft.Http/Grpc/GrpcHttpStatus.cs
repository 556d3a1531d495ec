namespace Weft.Http.Grpc;

/// <summary>gRPC's statuses as statuses of HTTP (google.rpc.Code).</summary>
public static class GrpcHttpStatus
{
    public static int Of(int grpcStatus) => grpcStatus switch
    {
        0 => 200,
        1 => 499,
        3 or 9 or 11 => 400,
        4 => 504,
        5 => 404,
        6 or 10 => 409,
        7 => 403,
        8 => 429,
        12 => 501,
        14 => 503,
        16 => 401,
        _ => 500,
    };
}
