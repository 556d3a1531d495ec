namespace Weft.Base.Stats;

/// <summary>Something whose number is read whenever statistics are printed. Main thread.</summary>
public interface IComputedGauge
{
    long Value { get; }
}

/// <summary>A text that is read whenever statistics are printed. Main thread.</summary>
public interface IComputedText
{
    string Text { get; }
}

/// <summary>Several gauges that exist together in many scopes: in a scope they cost one entry. Main thread.</summary>
public interface IComputedGauges
{
    /// <summary>What they are called, all of them always listed.</summary>
    StatNames Names { get; }

    /// <summary>The gauge of a member, by its place in the names.</summary>
    IComputedGauge Gauge(int member);
}
