using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>%START_TIME% and %EMIT_TIME%, in UTC or in the process's time zone.</summary>
internal sealed class TimeOperator(TimeFormat format, bool isNow, bool isLocal) : FormatOperator
{
    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        var utc = isNow ? DateTime.UtcNow : context.Info.StartTime;
        var offset = isLocal ? TimeZoneInfo.Local.GetUtcOffset(utc) : TimeSpan.Zero;
        format.Write(output, utc, offset);
        return true;
    }
}
