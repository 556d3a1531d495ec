using Weft.Proxy.Stats;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/stats</c>: text, JSON, Prometheus or a page; filtered by name, kind and use.</summary>
internal sealed class StatsEndpoint : AdminEndpoint
{
    private readonly AdminContext _context;

    public StatsEndpoint(AdminContext context)
        : base("/stats", "print server stats")
    {
        _context = context;
        Parameters =
        [
            new("usedonly", "Only include stats that have been written by system since restart", IsFlag: true),
            new("filter", "Regular expression (Google re2) for filtering stats"),
            new("format", "Format to use", ["html", "active-html", "text", "json"]),
            new("type", "Stat types to include.", ["All", "Counters", "Histograms", "Gauges", "TextReadouts"]),
            new("histogram_buckets", "Histogram bucket display mode", ["cumulative", "disjoint", "detailed", "summary"]),
        ];
    }

    public override void Handle(AdminRequest request, AdminResponse response) => StatsAnswer.Write(_context, this, request.Query.Find, response);
}

/// <summary><c>/stats/prometheus</c>: the same as <c>/stats?format=prometheus</c>.</summary>
internal sealed class PrometheusStatsEndpoint : AdminEndpoint
{
    private readonly AdminContext _context;

    public PrometheusStatsEndpoint(AdminContext context)
        : base("/stats/prometheus", "print server stats in prometheus format")
    {
        _context = context;
        Parameters =
        [
            new("usedonly", "Only include stats that have been written by system since restart", IsFlag: true),
            new("text_readouts", "Render text_readouts as new gaugues with value 0 (increases Prometheus data size)", IsFlag: true),
            new("filter", "Regular expression (Google re2) for filtering stats"),
            new("histogram_buckets", "Histogram bucket display mode", ["cumulative", "summary"]),
        ];
    }

    public override void Handle(AdminRequest request, AdminResponse response) =>
        StatsAnswer.Write(_context, this, name => name == "format" ? "prometheus" : request.Query.Find(name), response);
}

/// <summary>Answers with statistics, piece by piece.</summary>
internal static class StatsAnswer
{
    public static void Write(AdminContext context, AdminEndpoint endpoint, Func<string, string?> find, AdminResponse response)
    {
        if (!StatsQuery.TryParse(find, context.StatsConfig, out var query, out var error))
        {
            response.Answer(400, error);
            return;
        }
        context.FlushStats?.Invoke();
        if (query.Format == StatsFormat.Json)
            response.ContentType = AdminResponse.Json;
        var printer = StatsPrinter.Create(context.Stats, query);
        if (query.Format is StatsFormat.Html or StatsFormat.ActiveHtml)
            StatsPage.Write(endpoint, find, printer, query.Format == StatsFormat.ActiveHtml, response);
        else if (printer.WriteNext(response.Body))
            response.NextPiece = printer.WriteNext;
    }
}
