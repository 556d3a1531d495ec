using Weft.Base.Stats;

namespace Weft.Proxy.UdpFilters.DnsFilter;

/// <summary><c>dns_filter.PREFIX.*</c>.</summary>
internal sealed class DnsFilterStats
{
    public DnsFilterStats(StatsStore store, string prefix)
    {
        var scope = store.Scope($"dns_filter.{prefix}.");
        Queries = new DnsTypeCounters(scope, "", "_record_queries", "unsupported_queries");
        ClusterAnswers = new DnsTypeCounters(scope, "cluster_", "_record_answers", "cluster_unsupported_answers");
        LocalAnswers = new DnsTypeCounters(scope, "local_", "_record_answers", "local_unsupported_answers");
        ExternalQueries = new DnsTypeCounters(scope, "external_", "_record_queries", "external_unsupported_queries", hasServices: false);
        ExternalAnswers = new DnsTypeCounters(scope, "external_", "_record_answers", "external_unsupported_answers", hasServices: false);
        RxErrors = scope.Counter("downstream_rx_errors");
        RxInvalid = scope.Counter("downstream_rx_invalid_queries");
        RxQueries = scope.Counter("downstream_rx_queries");
        TxResponses = scope.Counter("downstream_tx_responses");
        ExternallyResolved = scope.Counter("externally_resolved_queries");
        KnownDomain = scope.Counter("known_domain_queries");
        Unanswered = scope.Counter("unanswered_queries");
        BufferUnderflow = scope.Counter("query_buffer_underflow");
        ParsingFailure = scope.Counter("query_parsing_failure");
        WithAdditional = scope.Counter("queries_with_additional_rrs");
        WithRecords = scope.Counter("queries_with_ans_or_authority_rrs");
        scope.Counter("record_name_overflow");
        RxBytes = scope.Histogram("downstream_rx_bytes", HistogramUnit.Bytes);
        RxLatencyMs = scope.Histogram("downstream_rx_query_latency", HistogramUnit.Milliseconds);
        TxBytes = scope.Histogram("downstream_tx_bytes", HistogramUnit.Bytes);
    }

    public DnsTypeCounters Queries { get; }

    public DnsTypeCounters ClusterAnswers { get; }

    public DnsTypeCounters LocalAnswers { get; }

    public DnsTypeCounters ExternalQueries { get; }

    public DnsTypeCounters ExternalAnswers { get; }

    public Counter RxErrors { get; }

    public Counter RxInvalid { get; }

    public Counter RxQueries { get; }

    public Counter TxResponses { get; }

    public Counter ExternallyResolved { get; }

    public Counter KnownDomain { get; }

    public Counter Unanswered { get; }

    public Counter BufferUnderflow { get; }

    public Counter ParsingFailure { get; }

    public Counter WithAdditional { get; }

    public Counter WithRecords { get; }

    public Histogram RxBytes { get; }

    public Histogram RxLatencyMs { get; }

    public Histogram TxBytes { get; }
}

/// <summary>The same counted for each type of record.</summary>
internal sealed class DnsTypeCounters(StatsScope scope, string start, string end, string unsupported, bool hasServices = true)
{
    private readonly Counter _a = scope.Counter($"{start}a{end}");
    private readonly Counter _aaaa = scope.Counter($"{start}aaaa{end}");
    private readonly Counter _unsupported = scope.Counter(unsupported);
    private readonly Counter _srv = scope.Counter(hasServices ? $"{start}srv{end}" : unsupported);

    public Counter Of(ushort type) => type switch
    {
        DnsQuestion.TypeA => _a,
        DnsQuestion.TypeAaaa => _aaaa,
        DnsQuestion.TypeSrv => _srv,
        _ => _unsupported,
    };
}
