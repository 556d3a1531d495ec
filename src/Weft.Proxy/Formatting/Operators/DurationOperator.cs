using Weft.Base.Buffers;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>A moment of a request's life, in microseconds of the loop; 0 when it has not come.</summary>
internal delegate long MomentSource(StreamInfo info);

/// <summary>%COMMON_DURATION(start:end:precision)% and the durations with names of their own.</summary>
/// <param name="start">Where it begins.</param>
/// <param name="end">Where it ends.</param>
/// <param name="multiplier">Units in a microsecond, for nanoseconds.</param>
/// <param name="divisor">Microseconds in a unit, for milliseconds.</param>
internal sealed class DurationOperator(MomentSource start, MomentSource end, int multiplier = 1, int divisor = 1000) : FormatOperator
{
    public override bool IsTyped => true;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        var (from, to) = (start(context.Info), end(context.Info));
        if (from == 0 || to == 0 || to < from)
            return false;
        output.Write((to - from) * multiplier / divisor);
        return true;
    }

    public override bool TryWriteJson(in FormatContext context, ByteWriter output) => TryWrite(context, output);

    /// <summary>A moment by Envoy's name for it; null for an unknown name.</summary>
    public static MomentSource? FindMoment(string name) => name switch
    {
        "DS_RX_BEG" => static info => info.StartUs,
        "DS_RX_END" => static info => info.LastDownstreamRxByteUs,
        "US_TX_BEG" => static info => info.FirstUpstreamTxByteUs,
        "US_TX_END" => static info => info.LastUpstreamTxByteUs,
        "US_RX_BEG" => static info => info.FirstUpstreamRxByteUs,
        "US_RX_END" => static info => info.LastUpstreamRxByteUs,
        "DS_TX_BEG" => static info => info.FirstDownstreamTxByteUs,
        "DS_TX_END" => static info => info.LastDownstreamTxByteUs,
        "US_CX_BEG" => static info => info.UpstreamConnectUs,
        "US_CX_END" => static info => info.UpstreamConnectedUs,
        "US_HS_END" => static info => info.UpstreamSecuredUs,
        _ => null,
    };
}
