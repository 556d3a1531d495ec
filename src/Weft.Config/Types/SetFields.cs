using Google.Protobuf;

namespace Weft.Config.Types;

/// <summary>The fields of a message that are set: of a oneof only the one that is chosen is looked at. For <c>foreach</c>.</summary>
internal struct SetFields(FieldSchema[] outsideOneofs, OneofSchema[] oneofs, IMessage message)
{
    private int _next;

    public FieldSchema Current { get; private set; } = null!;

    public readonly SetFields GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_next < outsideOneofs.Length)
        {
            Current = outsideOneofs[_next++];
            if (Current.IsSet(message)) return true;
        }

        while (_next < outsideOneofs.Length + oneofs.Length)
        {
            if (oneofs[_next++ - outsideOneofs.Length].SetIn(message) is not { } set) continue;
            Current = set;
            return true;
        }

        return false;
    }
}
