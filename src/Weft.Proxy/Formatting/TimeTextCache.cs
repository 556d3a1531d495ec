using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting;

/// <summary>
/// The texts of the present second, per thread: of a time only the fraction changes from line to line. A few slots, so that what
/// is kept does not grow with the number of formats.
/// </summary>
internal sealed class TimeTextCache
{
    private const int SlotCount = 8;

    [ThreadStatic]
    private static TimeTextCache? t_own;

    private readonly Slot[] _slots = [.. Enumerable.Range(0, SlotCount).Select(_ => new Slot())];

    public static TimeTextCache OfThisThread => t_own ??= new TimeTextCache();

    /// <summary>The slot of a format; whoever finds it filled for another format or second fills it anew.</summary>
    public Slot this[int formatNumber] => _slots[formatNumber & (SlotCount - 1)];

    /// <summary>One format's text of one second.</summary>
    internal sealed class Slot
    {
        public readonly ByteWriter Text = new(64);
        private TimeFormat? _format;
        private long _second;
        private long _offset;

        /// <summary>Where the fraction stands in the text.</summary>
        public int Split { get; set; }

        public bool IsOf(TimeFormat format, long second, long offset) => _format == format && _second == second && _offset == offset;

        /// <summary>Empties the slot for another text.</summary>
        public void Begin(TimeFormat format, long second, long offset)
        {
            (_format, _second, _offset) = (format, second, offset);
            Text.Clear();
        }
    }
}
