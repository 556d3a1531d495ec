namespace Weft.Proxy.Expressions.Attributes;

/// <summary>upstream.*.</summary>
internal static class UpstreamAttributes
{
    public static readonly AttributeGroup Group = new(AttributeValues.WithTls(
        new(StringComparer.Ordinal)
        {
            ["address"] = static (in CelContext context) => AttributeValues.Text(context, context.Request.Info.UpstreamEndpoint?.AddressText),
            ["port"] = static (in CelContext context) => AttributeValues.Port(context.Request.Info.UpstreamEndpoint?.Address ?? default),
            ["local_address"] = static (in CelContext context) => AttributeValues.Address(context, context.Request.Info.UpstreamLocalAddress),
            ["transport_failure_reason"] = static (in CelContext context) => context.Scratch.String(context.Request.Info.UpstreamTransportFailureReason ?? ""),
            ["request_attempt_count"] = static (in CelContext context) => CelValue.Of((ulong)context.Request.Info.AttemptCount),
            ["num_endpoints"] = static (in CelContext context) => context.Request.Info.UpstreamCluster is { } cluster ? CelValue.Of((ulong)cluster.Stats.MembershipTotal.Value) : CelErrors.NoSuchKey,
            ["cx_pool_ready_duration"] = static (in CelContext context) => AttributeValues.Between(context.Request.Info.UpstreamBegunUs, context.Request.Info.UpstreamReadyUs),
            ["locality"] = static (in CelContext context) => context.Request.Info.UpstreamEndpoint is { } endpoint ? CelValue.Of(new LocalityMap(endpoint)) : CelErrors.NoSuchKey,
        },
        static (in CelContext context) => context.Request.Info.UpstreamTls));

    /// <summary>The fields of a Locality.</summary>
    private sealed class LocalityMap(Clusters.Endpoint endpoint) : CelMap
    {
        public override CelValue Find(in CelContext context, in CelValue key) =>
            key.Kind != CelKind.String ? CelErrors.NoSuchKey
            : key.Text.SequenceEqual("region"u8) ? context.Scratch.String(endpoint.Region)
            : key.Text.SequenceEqual("zone"u8) ? context.Scratch.String(endpoint.Zone)
            : key.Text.SequenceEqual("sub_zone"u8) ? context.Scratch.String(endpoint.SubZone)
            : CelErrors.NoSuchKey;

        /// <summary>As of a message, a field that is empty is not there.</summary>
        public override bool Has(in CelContext context, in CelValue key) => Find(context, key) is { IsError: false, Text.IsEmpty: false };

        public override int Count(in CelContext context) => 0;

        public override CelValue[] Keys(in CelContext context) => [];
    }
}
