namespace Weft.Proxy.Clusters;

/// <summary>Makes one of equal immutable objects: of thousands of clusters nearly all say the same. Any thread.</summary>
internal static class Shared<T> where T : class
{
    private static T? s_last;

    /// <summary>The object of the last call when it is equal, else <paramref name="value"/>.</summary>
    public static T Of(T value)
    {
        var last = Volatile.Read(ref s_last);
        if (value.Equals(last))
            return last;
        Volatile.Write(ref s_last, value);
        return value;
    }
}
