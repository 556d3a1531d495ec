namespace Weft.Config.Binding;

/// <summary>Finds the name that was probably meant.</summary>
internal static class Suggestion
{
    /// <summary>The known name closest to the written one; null when none is close enough to be a slip of the pen.</summary>
    internal static string? For(string written, IEnumerable<string> known)
    {
        var limit = Math.Max(1, written.Length / 3);
        string? best = null;
        foreach (var name in known)
        {
            if (Math.Abs(name.Length - written.Length) > limit) continue;
            var distance = Distance(written.ToLowerInvariant(), name.ToLowerInvariant());
            if (distance > limit || (distance == limit && best is not null)) continue;
            (best, limit) = (name, distance);
        }

        return best;
    }

    /// <summary>How many letters have to be added, dropped, changed or swapped with their neighbour to make one of the other.</summary>
    internal static int Distance(string a, string b)
    {
        var (older, old, now) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++) old[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            now[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = old[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                now[j] = Math.Min(change, Math.Min(old[j], now[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = Math.Min(now[j], older[j - 2] + 1);
            }

            (older, old, now) = (old, now, older);
        }

        return old[b.Length];
    }
}
