namespace Weft.Http.Http2.Hpack;

/// <summary>What a field is to the dynamic table.</summary>
internal enum Keeping : byte
{
    /// <summary>Likely to come again.</summary>
    Keep,

    /// <summary>Different each time: it would only push others out.</summary>
    Pass,

    /// <summary>A secret: no hop may ever keep it, so that nobody can guess it by the size of messages (RFC 7541 section 7.1.3).</summary>
    Never,
}

/// <summary>Which fields an encoder keeps in its dynamic table.</summary>
internal static class FieldKeeping
{
    /// <summary>Shorter cookies could be guessed.</summary>
    private const int ShortestKeptCookie = 20;

    public static Keeping Of(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int tableSize)
    {
        switch (known)
        {
            case KnownHeader.Authorization or KnownHeader.ProxyAuthorization or KnownHeader.SetCookie:
                return Keeping.Never;
            case KnownHeader.Cookie when value.Length < ShortestKeptCookie:
                return Keeping.Never;
            case KnownHeader.Path or KnownHeader.ContentLength or KnownHeader.Etag or KnownHeader.Location or KnownHeader.Range or KnownHeader.Referer
                or KnownHeader.XRequestId or KnownHeader.XForwardedFor or KnownHeader.XClientTraceId or KnownHeader.XEnvoyUpstreamServiceTime
                or KnownHeader.XEnvoyOriginalPath or KnownHeader.XB3TraceId or KnownHeader.XB3SpanId or KnownHeader.XB3ParentSpanId
                or KnownHeader.Traceparent or KnownHeader.GrpcMessage or KnownHeader.GrpcTimeout or KnownHeader.GrpcStatusDetailsBin:
                return Keeping.Pass;
            default:
                // What takes much of the table is not worth what it pushes out.
                return name.Length + value.Length + DynamicTable.EntryOverhead > tableSize / 4 ? Keeping.Pass : Keeping.Keep;
        }
    }
}
