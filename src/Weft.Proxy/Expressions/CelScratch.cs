using System.Text;

namespace Weft.Proxy.Expressions;

/// <summary>
/// What a thread evaluates with: memory for texts, variables of comprehensions, and the bound of an evaluation's cost. Kept, so that an
/// evaluation without lists and maps of its own allocates nothing.
/// </summary>
internal sealed class CelScratch
{
    /// <summary>Steps of loops, and bytes searched in 64s, that an evaluation may take; about a millisecond.</summary>
    private const int MaxSteps = 20_000;

    /// <summary>Bytes of text that an evaluation may hold.</summary>
    private const int MaxTextBytes = 1 << 20;

    /// <summary>What is kept between evaluations.</summary>
    private const int KeptBytes = 64 * 1024;

    [ThreadStatic]
    private static CelScratch? t_ofThread;

    private byte[] _texts = new byte[1024];
    private int _used;
    private int _total;
    private int _stepsLeft;

    /// <summary>The calling thread's.</summary>
    public static CelScratch OfThread => t_ofThread ??= new CelScratch();

    /// <summary>By the slots that compilation gave them.</summary>
    public CelValue[] Variables { get; private set; } = new CelValue[8];

    /// <summary>Ready for an evaluation; all former values end.</summary>
    public void Begin(int variables)
    {
        _used = 0;
        _total = 0;
        _stepsLeft = MaxSteps;
        if (Variables.Length < variables)
            Variables = new CelValue[variables];
        if (_texts.Length > KeptBytes)
            _texts = new byte[1024];
    }

    /// <summary>False when the evaluation has to end: it takes too long.</summary>
    public bool TryStep(int count = 1) => (_stepsLeft -= count) >= 0;

    /// <summary>As <see cref="TryStep"/>, for looking at so many bytes.</summary>
    public bool TrySearch(int bytes) => TryStep(bytes >> 6);

    /// <summary>A copy as a string.</summary>
    public CelValue String(ReadOnlySpan<byte> text)
    {
        var value = Reserve(CelKind.String, text.Length, out var room);
        if (!value.IsError)
            text.CopyTo(room);
        return value;
    }

    public CelValue String(string text)
    {
        var value = Reserve(CelKind.String, Encoding.UTF8.GetByteCount(text), out var room);
        if (!value.IsError)
            Encoding.UTF8.GetBytes(text, room);
        return value;
    }

    public CelValue Bytes(ReadOnlySpan<byte> text) => String(text).As(CelKind.Bytes);

    /// <summary>Room for a text that the caller writes; an error when there is too much of it.</summary>
    public CelValue Reserve(CelKind kind, int length, out Span<byte> room)
    {
        room = default;
        if (length > MaxTextBytes - _total)
            return CelErrors.TooLarge;
        if (length > _texts.Length - _used)
        {
            // Values that stand in the old array keep it.
            _texts = new byte[Math.Max(_texts.Length * 2, length)];
            _used = 0;
        }

        room = _texts.AsSpan(_used, length);
        var value = CelValue.TextOf(kind, _texts, _used, length);
        _used += length;
        _total += length;
        return value;
    }
}
