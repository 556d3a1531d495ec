using Weft.Base.Buffers;

namespace Weft.Proxy.Stats.Sinks.Statsd;

/// <summary>A flush as lines of statsd: counters as what they grew by, gauges, histograms as timers. Main thread.</summary>
internal abstract class StatsdLineSink(StatsdLines lines) : StatsSink
{
    private readonly ByteWriter _line = new();

    public sealed override void Flush(MetricsSnapshot snapshot)
    {
        if (!BeginFlush())
            return;
        foreach (var counter in snapshot.Counters)
        {
            lines.WriteCounter(_line, counter);
            SendLine();
        }

        foreach (var gauge in snapshot.Gauges)
        {
            lines.WriteGauge(_line, gauge);
            SendLine();
        }

        foreach (var histogram in snapshot.Histograms)
        {
            foreach (var bin in histogram.Histogram!.Interval.Bins)
            {
                lines.WriteBin(_line, histogram, bin);
                SendLine();
            }
        }

        EndFlush();
    }

    /// <summary>False: nothing can be sent now, this flush is lost.</summary>
    protected virtual bool BeginFlush() => true;

    /// <summary>Takes one line, without its end.</summary>
    protected abstract void Send(ReadOnlySpan<byte> line);

    protected virtual void EndFlush()
    {
    }

    private void SendLine()
    {
        Send(_line.Written);
        _line.Clear();
    }
}
