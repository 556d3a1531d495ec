using System.Buffers.Text;
using System.Text;

namespace Weft.Observe.Traffic;

/// <summary>Reads samples of Prometheus' text format, one line at a time; what is no sample is passed over.</summary>
internal ref struct PrometheusSample
{
    private ReadOnlySpan<byte> _labels;

    public ReadOnlySpan<byte> Name { get; private set; }

    public double Value { get; private set; }

    /// <summary>Reads a line; false when it is none (a comment, or not understood).</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out PrometheusSample sample)
    {
        sample = default;
        if (line.IsEmpty || line[0] == '#')
            return false;
        var valueAt = line.LastIndexOf((byte)' ');
        if (valueAt <= 0 || !Utf8Parser.TryParse(line[(valueAt + 1)..], out double value, out _))
            return false;
        var series = line[..valueAt];
        var brace = series.IndexOf((byte)'{');
        sample.Name = brace < 0 ? series : series[..brace];
        sample._labels = brace < 0 || series[^1] != '}' ? default : series[(brace + 1)..^1];
        sample.Value = value;
        return true;
    }

    /// <summary>A label's value, with its escapes undone; "" when it is absent.</summary>
    public readonly string Label(ReadOnlySpan<byte> name)
    {
        var rest = _labels;
        while (!rest.IsEmpty)
        {
            var equals = rest.IndexOf("=\""u8);
            if (equals < 0)
                return "";
            var end = EndOfValue(rest, equals + 2);
            if (rest[..equals].SequenceEqual(name))
                return Unescape(Encoding.UTF8.GetString(rest[(equals + 2)..end]));
            rest = end + 2 <= rest.Length ? rest[(end + 2)..] : default;
        }

        return "";
    }

    private static int EndOfValue(ReadOnlySpan<byte> text, int start)
    {
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i;
        }

        return text.Length;
    }

    private static string Unescape(string text) => text.Contains('\\')
        ? text.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)
        : text;
}
