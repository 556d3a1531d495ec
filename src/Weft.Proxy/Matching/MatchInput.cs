using Weft.Base.Buffers;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Matching;

/// <summary>
/// A data input of a matcher: which value of a request or a connection is looked at. Immutable; any thread; reading allocates nothing.
/// <c>ToString</c> names it for a person.
/// </summary>
internal abstract class MatchInput
{
    /// <summary>The data type of inputs that give texts.</summary>
    public const string TextType = "string";

    /// <summary>What a matcher of the value must take, by Envoy's name.</summary>
    public virtual string DataType => TextType;

    public abstract MatchValue Read(in MatchData data);

    /// <summary>A cleared buffer of this thread for values that have to be written first.</summary>
    protected static ByteWriter Scratch()
    {
        var scratch = MatchScratch.OfThread.Input;
        scratch.Clear();
        return scratch;
    }

    /// <summary>A text as a value; an empty one is none.</summary>
    protected static MatchValue Text(string text)
    {
        if (text.Length == 0) return MatchValue.Absent;
        var scratch = Scratch();
        scratch.Write(text);
        return new MatchValue(scratch.Written);
    }
}
