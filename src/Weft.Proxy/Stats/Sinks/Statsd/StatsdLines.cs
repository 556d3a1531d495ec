using System.Globalization;
using Weft.Base.Buffers;
using Weft.Base.Stats;

namespace Weft.Proxy.Stats.Sinks.Statsd;

/// <summary>Writes statistics as lines of statsd, without the line's end: <c>prefix.name:value|type</c>. Main thread.</summary>
/// <param name="prefix">Before every name; "" means <c>envoy</c>.</param>
/// <param name="tags">Null: names stay whole.</param>
/// <param name="extractor">Takes the tags out of names.</param>
internal sealed class StatsdLines(string prefix, StatsdTagFormat? tags = null, TagExtractor? extractor = null)
{
    /// <summary>Digits behind the point of a sample rate.</summary>
    private const int RateDigits = 12;

    private readonly string _prefix = prefix.Length > 0 ? prefix : "envoy";
    private readonly ExtractedName _name = new();

    public void WriteCounter(ByteWriter line, in CounterDelta counter)
    {
        BeginLine(line, counter.Counter);
        line.Write((ulong)Math.Max(0, counter.Delta));
        line.Write("|c"u8);
        EndLine(line);
    }

    public void WriteGauge(ByteWriter line, in Statistic gauge)
    {
        BeginLine(line, gauge);
        line.Write(gauge.UnsignedValue);
        line.Write("|g"u8);
        EndLine(line);
    }

    /// <summary>
    /// The values of one bin: a line with a sample rate stands for all of them, so that a busy proxy sends as many lines as it has bins
    /// and not as it has requests.
    /// </summary>
    public void WriteBin(ByteWriter line, in Statistic histogram, in HistogramBin bin)
    {
        BeginLine(line, histogram);
        // Whole numbers of up to two digits have a bin each.
        var value = bin.Width <= 1 && histogram.Unit != HistogramUnit.Percent ? bin.Lower : bin.Lower + (bin.Width / 2);
        if (histogram.Unit == HistogramUnit.Percent)
            line.Write(value.ToString("0.######", CultureInfo.InvariantCulture));
        else
            line.Write((long)value);
        line.Write(histogram.Unit == HistogramUnit.Percent ? "|h"u8 : "|ms"u8);
        if (bin.Count > 1)
            WriteRate(line, bin.Count);
        EndLine(line);
    }

    /// <summary>Receivers divide 1 by the rate and drop the fraction: the digits are chosen so that the count comes out.</summary>
    private static void WriteRate(ByteWriter line, long count)
    {
        var rate = decimal.Round(1m / count, RateDigits, MidpointRounding.ToZero);
        while (rate > 0 && (long)(1 / (double)rate) < count)
            rate -= 0.000000000001m;
        line.Write("|@"u8);
        line.Write(rate.ToString("0.############", CultureInfo.InvariantCulture));
    }

    private void BeginLine(ByteWriter line, in Statistic statistic)
    {
        line.Write(_prefix);
        line.Write((byte)'.');
        if (tags is null)
        {
            WriteWord(line, statistic.Prefix);
            WriteWord(line, statistic.Suffix);
        }
        else
        {
            extractor!.Extract(statistic.Prefix, statistic.Suffix, _name);
            WriteWord(line, _name.Rest);
            if (tags.IsBehindName)
                WriteTags(line, tags);
        }

        line.Write((byte)':');
    }

    private void EndLine(ByteWriter line)
    {
        if (tags is { IsBehindName: false })
            WriteTags(line, tags);
    }

    private void WriteTags(ByteWriter line, StatsdTagFormat format)
    {
        for (var i = 0; i < _name.TagCount; i++)
        {
            line.Write(i == 0 ? format.Start : format.Separator);
            line.Write(_name.TagName(i));
            line.Write(format.Assign);
            WriteWord(line, _name.TagValue(i), keepsColon: true);
        }
    }

    /// <summary>Characters that would end a name or a line become underscores.</summary>
    private static void WriteWord(ByteWriter line, ReadOnlySpan<char> text, bool keepsColon = false)
    {
        var start = line.Length;
        line.Write(text);
        var length = line.Length - start;
        line.Truncate(start);
        var bytes = line.GetSpan(length)[..length];
        bytes.Replace((byte)'|', (byte)'_');
        bytes.Replace((byte)'\n', (byte)'_');
        if (!keepsColon)
            bytes.Replace((byte)':', (byte)'_');
        line.Advance(length);
    }
}
