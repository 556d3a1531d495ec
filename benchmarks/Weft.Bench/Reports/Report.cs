using System.Text;
using Weft.Bench.Peers;

namespace Weft.Bench.Reports;

/// <summary>The table, for the terminal and for docs/performance.</summary>
internal sealed class Report(BenchOptions options, IReadOnlyList<Peer> peers, Results results)
{
    private string First => peers[0].Name;

    /// <summary>As Markdown that also reads well as it is.</summary>
    public string Table()
    {
        var rows = new List<string[]> { (string[])["", .. peers.Select(p => p.Name)] };
        rows.AddRange(results.Metrics.Select(m => (string[])[m.Title, .. peers.Select(p => m.Text(p.Name, First))]));
        var widths = Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length)).ToArray();
        var text = new StringBuilder();
        Append(text, rows[0], widths);
        text.Append('|').AppendJoin('|', widths.Select((w, c) => c == 0 ? new string('-', w + 2) : new string('-', w + 1) + ":")).Append("|\n");
        foreach (var row in rows.Skip(1))
            Append(text, row, widths);
        text.Append($"\n(xN): how many times better {First} is; below 1 the other is better. Medians of {options.Rounds} interleaved rounds of {options.Seconds} s.\n");
        foreach (var goal in Goals.Of(First, results))
            text.Append($"- {goal}\n");
        foreach (var note in results.Notes)
            text.Append($"- {note}\n");
        return text.ToString();
    }

    /// <summary>The page in docs/performance.</summary>
    public string Page(string when) =>
        $"""
        # Performance of this version

        Written by `{options.CommandLine}` on {when}; do not edit. How it is measured: [README.md](README.md).
        Absolute figures belong to the machine and the hour; the ratios are what counts.

        - Machine: {Machine.Describe()}; proxies on core {options.ProxyCore}, load and backend on core {options.LoadCore}.
        {string.Join('\n', peers.Select(p => $"- {p.Name}: {p.Version}"))}

        {Table()}
        """;

    private static void Append(StringBuilder text, string[] row, int[] widths)
    {
        for (var c = 0; c < row.Length; c++)
            text.Append("| ").Append(c == 0 ? row[c].PadRight(widths[c]) : row[c].PadLeft(widths[c])).Append(' ');
        text.Append("|\n");
    }
}
