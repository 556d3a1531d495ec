namespace Weft.Base.Stats;

/// <summary>Unit of a histogram's values, printed with its help text and used by Prometheus names.</summary>
public enum HistogramUnit : byte
{
    Unspecified,
    Milliseconds,
    Microseconds,
    Bytes,

    /// <summary>Recorded in millionths (see <see cref="Histogram.PercentScale"/>), so that 12.5 % is 125,000 and is read as 0.125.</summary>
    Percent,
}
