using System.Text.RegularExpressions;

namespace Weft.Proxy.Routing.Matching;

/// <summary>
/// One automaton per thread for an expression: matching grows it and lends out its working memory, so sharing one would
/// mean locks and allocation between workers. Made at a thread's first use.
/// </summary>
internal sealed class PerThreadRegex(string pattern)
{
    public const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    [ThreadStatic]
    private static int s_slotOfThread;

    private static int s_slots;

    private readonly Lock _growing = new();
    private Regex?[] _bySlot = [];

    /// <summary>The calling thread's.</summary>
    public Regex OfThread
    {
        get
        {
            var regexes = Volatile.Read(ref _bySlot);
            var slot = s_slotOfThread - 1;
            return (uint)slot < (uint)regexes.Length && regexes[slot] is { } regex ? regex : Make();
        }
    }

    private Regex Make()
    {
        if (s_slotOfThread == 0) s_slotOfThread = Interlocked.Increment(ref s_slots);
        var regex = new Regex(pattern, Options);
        lock (_growing)
        {
            var larger = new Regex?[Math.Max(_bySlot.Length, s_slotOfThread)];
            _bySlot.CopyTo(larger, 0);
            larger[s_slotOfThread - 1] = regex;
            Volatile.Write(ref _bySlot, larger);
        }

        return regex;
    }
}
