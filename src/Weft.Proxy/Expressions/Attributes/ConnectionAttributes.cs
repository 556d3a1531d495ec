namespace Weft.Proxy.Expressions.Attributes;

/// <summary>connection.*, source.* and destination.*.</summary>
internal static class ConnectionAttributes
{
    public static readonly AttributeGroup Group = new(AttributeValues.WithTls(
        new(StringComparer.Ordinal)
        {
            ["id"] = static (in CelContext context) => CelValue.Of((ulong)context.Request.Info.ConnectionId),
            ["mtls"] = static (in CelContext context) => CelValue.Of(context.Request.Info.DownstreamTls is { HasPeerCertificate: true }),
            ["requested_server_name"] = static (in CelContext context) => context.Scratch.String(context.Request.Info.RequestedServerName ?? ""),
            ["termination_details"] = static (in CelContext context) => AttributeValues.Text(context, context.Request.Info.ConnectionTerminationDetails),
            ["transport_failure_reason"] = static (in CelContext context) => AttributeValues.Text(context, context.Request.Info.DownstreamTransportFailureReason),
        },
        static (in CelContext context) => context.Request.Info.DownstreamTls));

    public static readonly AttributeGroup Source = new(new(StringComparer.Ordinal)
    {
        ["address"] = static (in CelContext context) => AttributeValues.Address(context, context.Request.Info.DownstreamRemoteAddress),
        ["port"] = static (in CelContext context) => AttributeValues.Port(context.Request.Info.DownstreamRemoteAddress),
    });

    public static readonly AttributeGroup Destination = new(new(StringComparer.Ordinal)
    {
        ["address"] = static (in CelContext context) => AttributeValues.Address(context, context.Request.Info.DownstreamLocalAddress),
        ["port"] = static (in CelContext context) => AttributeValues.Port(context.Request.Info.DownstreamLocalAddress),
    });
}
