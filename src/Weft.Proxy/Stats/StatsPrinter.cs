using Weft.Base.Buffers;
using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>
/// Prints statistics piece by piece, as their reader takes them, so that no long text stands in memory. Values are read when their
/// piece is made. Main thread.
/// </summary>
public abstract class StatsPrinter
{
    /// <summary>A piece ends at the first statistic that reaches this size.</summary>
    public const int PieceBytes = 64 * 1024;

    private readonly StatsStore _store;
    private IEnumerator<Statistic>? _progress;

    private protected StatsPrinter(StatsStore store, StatsQuery query) => (_store, Query) = (store, query);

    private protected StatsStore Store => _store;

    private protected StatsQuery Query { get; }

    /// <summary>A printer for a query's format.</summary>
    public static StatsPrinter Create(StatsStore store, StatsQuery query) => query.Format switch
    {
        StatsFormat.Json => new JsonStatsPrinter(store, query),
        StatsFormat.Prometheus => new PrometheusStatsPrinter(store, query),
        _ => new TextStatsPrinter(store, query),
    };

    /// <summary>The <c>/stats</c> text: a line <c>name: value</c> each, by name; texts first, histograms last.</summary>
    public static void WriteText(StatsStore store, StatsQuery query, ByteWriter output) => new TextStatsPrinter(store, query).WriteAll(output);

    /// <summary><c>/stats?format=json</c>.</summary>
    public static void WriteJson(StatsStore store, StatsQuery query, ByteWriter output) => new JsonStatsPrinter(store, query).WriteAll(output);

    /// <summary>The Prometheus text format.</summary>
    public static void WritePrometheus(StatsStore store, StatsQuery query, ByteWriter output) => new PrometheusStatsPrinter(store, query).WriteAll(output);

    /// <summary>Appends the next piece; false when it was the last.</summary>
    public bool WriteNext(ByteWriter output)
    {
        _progress ??= Print(output).GetEnumerator();
        var start = output.Length;
        while (_progress.MoveNext())
        {
            if (output.Length - start >= PieceBytes)
                return true;
        }

        _progress.Dispose();
        return false;
    }

    /// <summary>Prints everything, yielding each printed statistic as a place where a pause may be made.</summary>
    private protected abstract IEnumerable<Statistic> Print(ByteWriter output);

    /// <summary>All statistics that the query shows.</summary>
    private protected List<Statistic> Select()
    {
        var all = new List<Statistic>(_store.Count);
        _store.List(all);
        all.RemoveAll(statistic => !Query.Shows(statistic));
        return all;
    }

    /// <summary>Those of the given kinds, as far as the query asks for them, by name.</summary>
    private protected List<Statistic> OfKinds(List<Statistic> all, StatKind kind, StatKind orKind)
    {
        var result = all.FindAll(statistic => (statistic.Kind == kind || statistic.Kind == orKind) && (Query.Kind is null || Query.Kind == statistic.Kind));
        result.Sort(StatisticOrder.ByName);
        return result;
    }

    private protected static void WriteName(ByteWriter output, in Statistic statistic)
    {
        output.Write(statistic.Prefix);
        output.Write(statistic.Suffix);
    }

    private void WriteAll(ByteWriter output)
    {
        while (WriteNext(output))
        {
        }
    }
}
