using System.Buffers.Text;
using Weft.Base.Buffers;
using Weft.Base.Compression;
using Weft.Http;
using Weft.Proxy.HttpFilters.Compression;

namespace Weft.Proxy.HttpFilters.Compressor;

/// <summary>Compresses responses that a client accepts compressed, and requests where that is configured. Pooled; worker thread.</summary>
internal sealed partial class CompressorFilter(CompressorFilterFactory factory) : HttpFilter
{
    private readonly ByteWriter _acceptEncoding = new(32);
    private readonly ByteWriter _output = new(0);
    private readonly CompressorFilterFactory?[] _candidates = new CompressorFilterFactory?[factory.InChain.Length];
    private BodyCompressor? _compressor;
    private bool _hasAcceptEncoding;
    private bool _compressesRequest;
    private bool _compressesResponse;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        _hasAcceptEncoding = headers.Has(KnownHeader.AcceptEncoding);
        _acceptEncoding.Write(headers.Get(KnownHeader.AcceptEncoding));
        if (IsResponseEnabled && ((Stream.RouteConfig(this) as CompressorRouteConfig)?.RemovesAcceptEncoding ?? factory.RemovesAcceptEncoding))
            headers.Remove(KnownHeader.AcceptEncoding);
        if (factory.Request is not { } direction)
            return FilterStatus.Continue;
        _compressesRequest = !endStream && !Stream.IsTunnel && direction.IsEnabled(factory.Runtime.Current) && direction.IsLongEnough(headers)
            && direction.HasType(headers) && !headers.Has(KnownHeader.ContentEncoding);
        Begin(direction, headers, _compressesRequest);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (_compressesRequest)
            Compress(factory.Request!, ref chunk);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers)
    {
        if (_compressesRequest)
            Stream.InjectRequestData(this, Rest(factory.Request!), endStream: false);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (factory.TellsStatus)
            return OnResponseHeadersWithStatus(headers, endStream);
        // The request's may be under way still when the response comes: the response then stays as it is.
        var direction = factory.Response;
        var accounts = IsResponseEnabled && direction.IsLongEnough(headers);
        var isCompressible = accounts && !Stream.IsTunnel && direction.HasType(headers) && !_compressesRequest
            && !HeaderTokens.Contains(headers.Get(KnownHeader.CacheControl), "no-transform"u8)
            && IsEtagAllowed(headers) && !headers.Has(KnownHeader.ContentEncoding) && IsStatusAllowed(headers);
        _compressesResponse = !endStream && accounts && IsChosen(headers) && isCompressible;
        if (_compressesResponse)
            RemoveStrongEtag(headers);
        Begin(direction, headers, _compressesResponse);
        if (isCompressible)
            AddVary(headers);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseData(ref BodyChunk chunk)
    {
        if (_compressesResponse)
            Compress(factory.Response, ref chunk);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseTrailers(HeaderMap trailers)
    {
        if (_compressesResponse)
            Stream.InjectResponseData(this, Rest(factory.Response), endStream: false);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        if (_compressesRequest || _compressesResponse)
            _compressor?.End();
        _compressesRequest = _compressesResponse = _hasAcceptEncoding = false;
        _acceptEncoding.Clear();
        _output.Clear();
        _candidates.AsSpan().Clear();
    }

    private bool IsResponseEnabled => (Stream.RouteConfig(this) as CompressorRouteConfig)?.IsEnabled ?? factory.Response.IsEnabled(factory.Runtime.Current);

    private void Begin(CompressorDirection direction, HeaderMap headers, bool compresses)
    {
        if (!compresses)
        {
            direction.NotCompressed.Inc();
            return;
        }

        headers.Remove(KnownHeader.ContentLength);
        headers.Set(KnownHeader.ContentEncoding, factory.Library.Encoding);
        direction.Compressed.Inc();
        _compressor ??= factory.Library.Make();
        _compressor.Begin();
    }

    private void Compress(CompressorDirection direction, ref BodyChunk chunk)
    {
        direction.TotalUncompressedBytes.Add(chunk.Bytes.Length);
        _output.Clear();
        _compressor!.Write(chunk.Bytes, _output, chunk.EndStream);
        direction.TotalCompressedBytes.Add(_output.Length);
        chunk.Bytes = _output.Written;
    }

    /// <summary>The end of a body whose trailers follow.</summary>
    private ReadOnlySpan<byte> Rest(CompressorDirection direction)
    {
        var chunk = new BodyChunk { EndStream = true };
        Compress(direction, ref chunk);
        return chunk.Bytes;
    }

    private bool IsEtagAllowed(HeaderMap headers)
    {
        if (!factory.DisableOnEtag || !headers.Has(KnownHeader.Etag))
            return true;
        factory.Stats.NotCompressedEtag.Inc();
        return false;
    }

    private bool IsStatusAllowed(HeaderMap headers)
        => factory.NotCompressedStatuses.Count == 0
            || !Utf8Parser.TryParse(headers.Get(KnownHeader.Status), out int status, out _)
            || !factory.NotCompressedStatuses.Contains(status);

    private bool IsChosen(HeaderMap headers)
    {
        var stats = factory.Stats;
        if (!_hasAcceptEncoding)
        {
            stats.NoAcceptHeader.Inc();
            return false;
        }

        for (var i = 0; i < _candidates.Length; i++)
            _candidates[i] = factory.InChain[i].Response.HasType(headers) ? factory.InChain[i] : null;
        var choice = AcceptEncoding.Choose(_acceptEncoding.Written, _candidates, out var chosen);

        // Of several compressors with one coding the first counts, but each may be the one to run.
        var isThis = chosen is not null && chosen.Library.Encoding.AsSpan().SequenceEqual(factory.Library.Encoding);
        switch (choice)
        {
            case EncodingChoice.Compressor when isThis:
                stats.HeaderCompressorUsed.Inc();
                break;
            case EncodingChoice.Compressor:
                stats.HeaderCompressorOvershadowed.Inc();
                break;
            case EncodingChoice.Identity:
                stats.HeaderIdentity.Inc();
                break;
            case EncodingChoice.Wildcard:
                stats.HeaderWildcard.Inc();
                break;
            default:
                stats.HeaderNotValid.Inc();
                break;
        }

        return isThis;
    }

    /// <summary>A strong etag promises the same bytes (RFC 9110 section 8.8.3).</summary>
    private static void RemoveStrongEtag(HeaderMap headers)
    {
        if (headers.Get(KnownHeader.Etag) is { Length: > 2 } etag && !(etag[0] is (byte)'w' or (byte)'W' && etag[1] == '/'))
            headers.Remove(KnownHeader.Etag);
    }

    private static void AddVary(HeaderMap headers)
    {
        if (!HeaderTokens.Contains(headers.Get(KnownHeader.Vary), "accept-encoding"u8))
            headers.Append(new HeaderName(KnownHeader.Vary), "Accept-Encoding"u8, ", "u8);
    }
}
