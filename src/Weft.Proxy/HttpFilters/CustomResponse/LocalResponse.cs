using Envoy.Extensions.Http.CustomResponse.LocalResponsePolicy.V3;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.CustomResponse;

/// <summary>LocalResponsePolicy: an answer of the proxy's own. Immutable; any worker.</summary>
internal sealed class LocalResponse : CustomResponsePolicy
{
    private readonly int? _status;
    private readonly byte[] _body;
    private readonly SubstitutionFormat? _format;
    private readonly HeaderMutations _headers;

    public LocalResponse(LocalResponsePolicy config, ConfigContext context)
    {
        _status = (int?)config.StatusCode;
        _body = config.Body is null ? [] : DataSourceReader.Read(config.Body, long.MaxValue, context) ?? [];
        if (config.BodyFormat is { } format) _format = SubstitutionFormat.Parse(format, context);
        _headers = HeaderMutations.Create(config.ResponseHeadersToAdd, [], context, config, "response_headers_to_add", "");
    }

    public override FilterStatus Replace(CustomResponseFilter filter, HeaderMap response)
    {
        var stream = filter.Stream;
        var status = _status ?? (response.Status is > 0 and var original ? original : 500);
        ReadOnlySpan<byte> body = _body;
        if (_format is not null)
        {
            filter.Scratch.Clear();
            _format.Format(new FormatContext(stream.Info, stream.RequestHeaders, response) { LocalReplyBody = _body }, filter.Scratch);
            body = filter.Scratch.Written;
        }

        // The response may be a local reply itself: then these are its headers.
        var headers = stream.LocalReplyHeaders;
        headers.Clear();
        headers.Set(KnownHeader.Status, status);
        _headers.Apply(headers, new FormatContext(stream.Info, stream.RequestHeaders, headers));
        stream.SendLocalReply(status, body, "");
        return FilterStatus.Ended;
    }
}
