namespace Weft.Observe.Traces;

/// <summary>
/// Who calls whom, worked out of traces. A call counts once, where its server was seen; where only the client was, by what the client says of the other end.
/// </summary>
internal sealed class ServiceGraph
{
    private readonly Dictionary<(string Parent, string Child), ServiceLink> _links = [];
    private readonly Dictionary<string, ServiceNode> _nodes = new(StringComparer.Ordinal);

    public IEnumerable<ServiceLink> Links => _links.Values.OrderBy(static link => link.Parent, StringComparer.Ordinal).ThenBy(static link => link.Child, StringComparer.Ordinal);

    public IEnumerable<ServiceNode> Nodes => _nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal);

    public void Add(TraceEntry trace)
    {
        var byId = trace.Spans.ToLookup(static span => span.Id, StringComparer.Ordinal);
        var parents = trace.Spans.Where(static span => span.Kind is SpanKind.Server or SpanKind.Consumer).Select(static span => (span.IsShared ? span.Id : span.ParentId)).ToHashSet(StringComparer.Ordinal);
        // A sender that does not mark the server's half still says the same id twice.
        foreach (var half in trace.Spans.Where(static span => span.Kind == SpanKind.Server))
        {
            if (byId[half.Id].Any(static span => span.Kind == SpanKind.Client))
                parents.Add(half.Id);
        }

        foreach (var span in trace.Spans)
            AddSpan(span, byId, parents);
    }

    private void AddSpan(SpanRecord span, ILookup<string, SpanRecord> byId, HashSet<string> answered)
    {
        switch (span.Kind)
        {
            case SpanKind.Server:
                Node(span.Service)?.Add(span);
                Link(CallerOf(span, byId), span.Service, span);
                break;
            case SpanKind.Client when !answered.Contains(span.Id):
                Link(span.Service, span.Remote.Service, span);
                break;
            case SpanKind.Producer:
                Link(span.Service, span.Remote.Service, span);
                break;
            case SpanKind.Consumer:
                Link(span.Remote.Service.Length > 0 ? span.Remote.Service : CallerOf(span, byId), span.Service, span);
                break;
            default:
                Node(span.Service);
                break;
        }
    }

    /// <summary>The service of the client's half, or of the nearest span above that names one; else what the server knows of its client.</summary>
    private static string CallerOf(SpanRecord server, ILookup<string, SpanRecord> byId)
    {
        if (byId[server.Id].FirstOrDefault(static span => span.Kind == SpanKind.Client) is { Service.Length: > 0 } half)
            return half.Service;
        var id = server.ParentId;
        for (var depth = 0; depth < 64 && id.Length > 0; depth++)
        {
            var above = byId[id].FirstOrDefault(static span => span.Kind == SpanKind.Client) ?? byId[id].FirstOrDefault();
            if (above is null || above.Id == above.ParentId)
                break;
            if (above.Service.Length > 0)
                return above.Service;
            id = above.ParentId;
        }

        return server.Remote.Service;
    }

    private void Link(string parent, string child, SpanRecord span)
    {
        if (parent.Length == 0 || child.Length == 0)
            return;
        Node(parent);
        Node(child);
        if (!_links.TryGetValue((parent, child), out var link))
            _links.Add((parent, child), link = new ServiceLink(parent, child));
        link.Add(span);
    }

    private ServiceNode? Node(string name)
    {
        if (name.Length == 0)
            return null;
        if (!_nodes.TryGetValue(name, out var node))
            _nodes.Add(name, node = new ServiceNode(name));
        return node;
    }
}

/// <summary>A service and the requests that it served.</summary>
internal sealed class ServiceNode(string name)
{
    public string Name => name;

    public long Requests { get; private set; }

    public long Errors { get; private set; }

    /// <summary>How long they took, microseconds.</summary>
    public LogHistogram DurationsUs { get; } = new();

    public void Add(SpanRecord span)
    {
        Requests++;
        if (span.IsError)
            Errors++;
        if (span.DurationUs > 0)
            DurationsUs.Add(span.DurationUs);
    }
}
