using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Expressions.Attributes;

namespace Weft.Proxy.Expressions;

/// <summary>A list of an expression.</summary>
internal abstract class CelList
{
    public abstract int Count { get; }

    /// <param name="context">The evaluation.</param>
    /// <param name="index">Within the list.</param>
    public abstract CelValue At(in CelContext context, int index);
}

/// <summary>A list of values. Only what comprehensions collect in is ever changed.</summary>
internal sealed class CelArray(List<CelValue> values) : CelList
{
    public override int Count => values.Count;

    public override CelValue At(in CelContext context, int index) => values[index];

    /// <summary>For a list that is being made.</summary>
    public void Add(CelValue value) => values.Add(value);
}

/// <summary>A list of configuration, or of metadata.</summary>
internal sealed class ProtoList(ListValue list) : CelList
{
    public override int Count => list.Values.Count;

    public override CelValue At(in CelContext context, int index) => ProtoValues.Of(context, list.Values[index]);
}

/// <summary>A repeated field of a message.</summary>
internal sealed class RepeatedList(System.Collections.IList list) : CelList
{
    public override int Count => list.Count;

    public override CelValue At(in CelContext context, int index) => ProtoValues.OfField(context, list[index]);
}
