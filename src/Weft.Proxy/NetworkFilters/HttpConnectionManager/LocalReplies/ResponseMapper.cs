using Weft.Config;
using Weft.Http;
using Weft.Proxy.AccessLogs.Filters;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;
using MapperMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.ResponseMapper;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.LocalReplies;

/// <summary>ResponseMapper: what becomes of the local replies that its filter lets pass. Immutable; any worker.</summary>
internal sealed class ResponseMapper
{
    private readonly int? _status;
    private readonly HeaderMutations _headers;

    public ResponseMapper(MapperMessage source, AccessLogFilterFactory filters, ConfigContext context)
    {
        Filter = filters.Create(source.Filter ?? new());
        _status = (int?)source.StatusCode;
        Body = source.Body is null ? null : DataSourceReader.Read(source.Body, long.MaxValue, context);
        if (source.BodyFormatOverride is { } format) Format = new LocalReplyFormat(format, context);
        GivesContentType = source.HeadersToAdd.Any(static option => string.Equals(option.Header?.Key, "content-type", StringComparison.OrdinalIgnoreCase));
        _headers = HeaderMutations.Create(source.HeadersToAdd, [], context, source, "headers_to_add", "");
    }

    public AccessLogFilter Filter { get; }

    /// <summary>Null: the body stays.</summary>
    public byte[]? Body { get; }

    /// <summary>body_format_override; null: the connection manager's format.</summary>
    public LocalReplyFormat? Format { get; }

    /// <summary>Its headers include the type of the body.</summary>
    public bool GivesContentType { get; }

    /// <summary>Adds its headers and returns the status.</summary>
    public int Apply(int status, in FormatContext context, HeaderMap headers)
    {
        _headers.Apply(headers, new FormatContext(context.Info, context.RequestHeaders, headers));
        if (_status is not { } mapped || mapped == status) return status;
        headers.Set(KnownHeader.Status, mapped);
        context.Info.ResponseCode = mapped;
        return mapped;
    }
}
