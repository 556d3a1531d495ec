namespace Weft.Base.Stats;

/// <summary>Decides by name which statistics exist at all (Envoy's stats_matcher). Main thread.</summary>
public interface IStatNameFilter
{
    /// <summary>True: the statistic of this name (prefix and rest together) is not kept; what is counted in it is lost.</summary>
    bool Rejects(string prefix, string suffix);
}
