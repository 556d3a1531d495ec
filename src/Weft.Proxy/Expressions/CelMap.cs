namespace Weft.Proxy.Expressions;

/// <summary>A map of an expression, or an object with fields.</summary>
internal abstract class CelMap
{
    /// <summary>The value of a key; an error when there is none.</summary>
    public abstract CelValue Find(in CelContext context, in CelValue key);

    /// <summary>Whether there is such a key.</summary>
    public virtual bool Has(in CelContext context, in CelValue key) => !Find(context, key).IsError;

    public abstract int Count(in CelContext context);

    /// <summary>For loops and comparisons. Allocates.</summary>
    public abstract CelValue[] Keys(in CelContext context);
}

/// <summary>A map that an expression makes.</summary>
internal sealed class CelEntries(List<(CelValue Key, CelValue Value)> entries) : CelMap
{
    public override CelValue Find(in CelContext context, in CelValue key)
    {
        if (!context.Scratch.TryStep(entries.Count))
            return CelErrors.TooCostly;
        foreach (var entry in entries)
        {
            if (Functions.CelEquality.AreEqual(context, entry.Key, key))
                return entry.Value;
        }

        return CelErrors.NoSuchKey;
    }

    public override int Count(in CelContext context) => entries.Count;

    public override CelValue[] Keys(in CelContext context) => [.. entries.Select(static entry => entry.Key)];
}
