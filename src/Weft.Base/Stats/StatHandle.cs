namespace Weft.Base.Stats;

/// <summary>
/// Where a listed statistic stands in its <see cref="StatsStore"/>: eight bytes, for lists of very many. It holds as long as
/// <see cref="StatsStore.Version"/> stays; afterwards it may be another's or nobody's. Main thread.
/// </summary>
/// <param name="Entry">In the store.</param>
/// <param name="Member">Of a family; -1: it is none.</param>
public readonly record struct StatHandle(int Entry, int Member);
