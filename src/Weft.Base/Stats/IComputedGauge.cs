namespace Weft.Base.Stats;

/// <summary>Something whose number is read whenever statistics are printed. Main thread.</summary>
public interface IComputedGauge
{
    long Value { get; }
}
