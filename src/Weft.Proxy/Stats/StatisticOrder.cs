using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>Orders statistics by their whole names without building them.</summary>
internal sealed class StatisticOrder : IComparer<Statistic>
{
    public static readonly StatisticOrder ByName = new();

    public int Compare(Statistic x, Statistic y)
    {
        if (ReferenceEquals(x.Prefix, y.Prefix))
            return x.Suffix.AsSpan().SequenceCompareTo(y.Suffix);
        return x.Prefix.Length <= y.Prefix.Length
            ? Compare(x.Prefix, x.Suffix, y.Prefix, y.Suffix)
            : -Compare(y.Prefix, y.Suffix, x.Prefix, x.Suffix);
    }

    /// <summary>Compares a name cut at or before the place where the other is cut.</summary>
    private static int Compare(ReadOnlySpan<char> prefix, ReadOnlySpan<char> suffix, ReadOnlySpan<char> longerPrefix, ReadOnlySpan<char> otherSuffix)
    {
        var order = prefix.SequenceCompareTo(longerPrefix[..prefix.Length]);
        if (order != 0)
            return order;
        var middle = longerPrefix[prefix.Length..];
        var common = Math.Min(middle.Length, suffix.Length);
        order = suffix[..common].SequenceCompareTo(middle);
        return order != 0 ? order : suffix[common..].SequenceCompareTo(otherSuffix);
    }
}
