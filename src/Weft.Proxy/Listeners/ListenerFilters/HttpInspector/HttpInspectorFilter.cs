using Weft.Base.Stats;

namespace Weft.Proxy.Listeners.ListenerFilters.HttpInspector;

/// <summary>envoy.filters.listener.http_inspector: finds out whether a client speaks HTTP in clear text, and which version.</summary>
internal sealed class HttpInspectorFilter(HttpInspectorFactory stats) : ListenerFilter
{
    private const int MaxLineBytes = 64 * 1024;
    private static readonly string[] s_http10 = ["http/1.0"];
    private static readonly string[] s_http11 = ["http/1.1"];
    private static readonly string[] s_http2 = ["h2c"];

    /// <summary>RFC 9113 section 3.4.</summary>
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    private static readonly byte[][] s_methods = [.. "GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH COPY LOCK MKCOL MOVE PROPFIND PROPPATCH UNLOCK REPORT SEARCH PURGE LINK UNLINK".Split(' ').Select(method => System.Text.Encoding.ASCII.GetBytes(method + ' '))];

    public override ListenerFilterStatus OnAccept(AcceptedConnection connection) =>
        connection.TransportProtocol == FilterChains.FilterChainMatchInput.RawBuffer ? ListenerFilterStatus.NeedsMore : ListenerFilterStatus.Continue;

    public override ListenerFilterStatus OnData(AcceptedConnection connection, ReadOnlySpan<byte> data, out int consumed)
    {
        consumed = 0;
        if (data.StartsWith(Preface))
            return Found(connection, s_http2, stats.Http2Found);
        if (Preface.StartsWith(data))
            return ListenerFilterStatus.NeedsMore;
        if (!MayBeMethod(data))
            return NotFound();
        var end = data.IndexOf((byte)'\n');
        if (end < 0)
            return data.Length < MaxLineBytes ? ListenerFilterStatus.NeedsMore : TooLong();
        var line = data[..end].TrimEnd((byte)'\r');
        if (line.EndsWith(" HTTP/1.1"u8))
            return Found(connection, s_http11, stats.Http11Found);
        return line.EndsWith(" HTTP/1.0"u8) ? Found(connection, s_http10, stats.Http10Found) : NotFound();
    }

    private static bool MayBeMethod(ReadOnlySpan<byte> data)
    {
        foreach (var method in s_methods)
        {
            var start = data[..Math.Min(data.Length, method.Length)];
            if (method.AsSpan().StartsWith(start))
                return true;
        }

        return false;
    }

    private static ListenerFilterStatus Found(AcceptedConnection connection, string[] protocols, Counter counter)
    {
        counter.Inc();
        connection.ApplicationProtocols = protocols;
        return ListenerFilterStatus.Continue;
    }

    private ListenerFilterStatus TooLong()
    {
        stats.ReadError.Inc();
        return ListenerFilterStatus.Close;
    }

    private ListenerFilterStatus NotFound()
    {
        stats.HttpNotFound.Inc();
        return ListenerFilterStatus.Continue;
    }
}

/// <summary>Makes the filters, and counts for them: <c>http_inspector.*</c>.</summary>
internal sealed class HttpInspectorFactory : ListenerFilterFactory
{
    public HttpInspectorFactory(StatsScope root)
    {
        var scope = root.Scope("http_inspector.");
        Http10Found = scope.Counter("http10_found");
        Http11Found = scope.Counter("http11_found");
        Http2Found = scope.Counter("http2_found");
        HttpNotFound = scope.Counter("http_not_found");
        ReadError = scope.Counter("read_error");
    }

    public Counter Http10Found { get; }

    public Counter Http11Found { get; }

    public Counter Http2Found { get; }

    public Counter HttpNotFound { get; }

    public Counter ReadError { get; }

    public override ListenerFilter Create() => new HttpInspectorFilter(this);
}
