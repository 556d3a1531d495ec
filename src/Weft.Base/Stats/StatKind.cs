namespace Weft.Base.Stats;

/// <summary>What a statistic is; only the first four are listed, families by their members.</summary>
public enum StatKind : byte { Counter, Gauge, Text, Histogram, CounterFamily, HistogramFamily, ComputedFamily, GaugeFamily }
