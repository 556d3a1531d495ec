namespace Weft.CommandLine;

/// <summary>Finds what was probably meant.</summary>
internal static class Spelling
{
    /// <summary>The candidate that is nearest to a word, or null when none is near enough to be a slip.</summary>
    public static string? Closest(string word, IEnumerable<string> candidates)
    {
        var limit = Math.Max(1, word.Length / 3);
        var (distance, best) = candidates
            .Select(candidate => (Distance: Distance(word, candidate), candidate))
            .DefaultIfEmpty((int.MaxValue, ""))
            .MinBy(pair => pair.Item1);
        return distance <= limit ? best : null;
    }

    // Levenshtein, with two rows of the table.
    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        var current = new int[b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(substitution, Math.Min(previous[j], current[j - 1]) + 1);
            }
            (previous, current) = (current, previous);
        }
        return previous[b.Length];
    }
}
