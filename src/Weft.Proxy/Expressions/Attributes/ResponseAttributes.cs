using Weft.Proxy.Formatting.Operators;

namespace Weft.Proxy.Expressions.Attributes;

/// <summary>response.*.</summary>
internal static class ResponseAttributes
{
    public static readonly AttributeGroup Group = new(new(StringComparer.Ordinal)
    {
        ["code"] = static (in CelContext context) => context.Request.Info.ResponseCode == 0 ? CelErrors.NoSuchKey : CelValue.Of((long)context.Request.Info.ResponseCode),
        ["code_details"] = static (in CelContext context) => AttributeValues.Text(context, context.Request.Info.ResponseCodeDetails),
        ["flags"] = static (in CelContext context) => CelValue.Of((long)context.Request.Info.ResponseFlags),
        ["grpc_status"] = static (in CelContext context) => GrpcStatusOperator.TryGetStatus(context.Request, out var status) ? CelValue.Of(status) : CelErrors.NoSuchKey,
        ["headers"] = static (in CelContext _) => CelValue.Of(HeadersMap.Response),
        ["trailers"] = static (in CelContext _) => CelValue.Of(HeadersMap.ResponseTrailers),
        ["size"] = static (in CelContext context) => CelValue.Of(context.Request.Info.BytesSent),
        ["total_size"] = static (in CelContext context) =>
            CelValue.Of(context.Request.Info.BytesSent + (context.Request.ResponseHeaders?.ByteSize ?? 0) + (context.Request.ResponseTrailers?.ByteSize ?? 0)),
        ["backend_latency"] = static (in CelContext context) => AttributeValues.Between(context.Request.Info.FirstUpstreamTxByteUs, context.Request.Info.LastUpstreamRxByteUs),
    });
}
