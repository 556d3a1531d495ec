using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.AccessLogs.Filters;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;
using LocalReplyMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.LocalReplyConfig;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.LocalReplies;

/// <summary>local_reply_config, compiled: turns the proxy's own answers into the configured ones. Immutable, shared by all workers.</summary>
internal sealed class LocalReplyConfig
{
    private readonly ResponseMapper[] _mappers = [];
    private readonly LocalReplyFormat _format = LocalReplyFormat.Plain;

    private LocalReplyConfig(LocalReplyMessage? source, FactoryContext context)
    {
        if (source is null) return;
        var filters = new AccessLogFilterFactory(context.Config, context.Runtime);
        _mappers = [.. source.Mappers.Select(mapper => new ResponseMapper(mapper, filters, context.Config))];
        if (source.BodyFormat is { } format) _format = new LocalReplyFormat(format, context.Config);
    }

    /// <param name="source">Null: answers stay as they are, text/plain.</param>
    public static LocalReplyConfig Create(LocalReplyMessage? source, FactoryContext context) => new(source, context);

    /// <summary>
    /// Writes :status, content-length and content-type (and what mappers add) into <paramref name="headers"/>, which may
    /// already hold others, and tells the final body. A gRPC client gets all of it in headers.
    /// </summary>
    /// <param name="writer">Room for a formatted body; <paramref name="finalBody"/> may point into it or be <paramref name="body"/> itself.</param>
    public void Write(int status, ReadOnlySpan<byte> body, in FormatContext context, HeaderMap headers, ByteWriter writer, out ReadOnlySpan<byte> finalBody)
    {
        // Filters look at the one, formats at the other.
        context.Info.ResponseCode = status;
        headers.Set(KnownHeader.Status, status);
        var mapper = FindMapper(context, headers);
        finalBody = mapper?.Body ?? body;
        if (mapper is not null) status = mapper.Apply(status, context, headers);

        var format = mapper?.Format ?? _format;
        format.Apply(ref finalBody, context, headers, writer);
        if (context.RequestHeaders is { } request && GrpcRequest.Is(request))
        {
            GrpcReply.Write(status, finalBody, headers, writer);
            finalBody = default;
            return;
        }

        var isChanged = !finalBody.SequenceEqual(body);
        DescribeBody(finalBody, format.ContentType, headers, replacesType: isChanged && mapper is not { GivesContentType: true });
    }

    private ResponseMapper? FindMapper(in FormatContext context, HeaderMap headers)
    {
        if (_mappers.Length == 0) return null;
        var reply = new FormatContext(context.Info, context.RequestHeaders, headers);
        foreach (var mapper in _mappers)
        {
            if (mapper.Filter.Passes(reply)) return mapper;
        }

        return null;
    }

    /// <summary>A type that is there already (a direct response may bring one) stays, unless the body it told of is gone.</summary>
    private static void DescribeBody(ReadOnlySpan<byte> body, byte[] type, HeaderMap headers, bool replacesType)
    {
        if (body.IsEmpty)
        {
            headers.Remove(KnownHeader.ContentLength);
            headers.Remove(KnownHeader.ContentType);
            return;
        }

        headers.Set(KnownHeader.ContentLength, body.Length);
        if (replacesType || !headers.Has(KnownHeader.ContentType)) headers.Set(KnownHeader.ContentType, type);
    }
}
