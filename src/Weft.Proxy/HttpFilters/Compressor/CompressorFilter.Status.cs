using Weft.Http;
using Weft.Proxy.HttpFilters.Compression;

namespace Weft.Proxy.HttpFilters.Compressor;

/// <content>status_header_enabled: a response header says what became of the response, and why.</content>
internal sealed partial class CompressorFilter
{
    private static readonly HeaderName s_status = new("x-envoy-compression-status");

    private FilterStatus OnResponseHeadersWithStatus(HeaderMap headers, bool endStream)
    {
        var direction = factory.Response;
        var mayCompress = IsResponseEnabled && !Stream.IsTunnel && !_compressesRequest
            && !HeaderTokens.Contains(headers.Get(KnownHeader.CacheControl), "no-transform"u8) && !headers.Has(KnownHeader.ContentEncoding);
        var hindrance = mayCompress ? HindranceOf(headers) : default;
        if (mayCompress && hindrance.IsEmpty)
            AddVary(headers);
        _compressesResponse = mayCompress && !endStream && hindrance.IsEmpty && IsChosen(headers);
        if (_compressesResponse)
        {
            AddStatus(headers, "Compressed"u8, originalLength: true);
            RemoveStrongEtag(headers);
        }
        else if (!endStream && !hindrance.IsEmpty)
        {
            AddStatus(headers, hindrance, originalLength: false);
        }

        Begin(direction, headers, _compressesResponse);
        return FilterStatus.Continue;
    }

    /// <summary>Why it stays as it is; empty: it need not.</summary>
    private ReadOnlySpan<byte> HindranceOf(HeaderMap headers)
    {
        if (!factory.Response.IsLongEnough(headers)) return "ContentLengthTooSmall"u8;
        if (!factory.Response.HasType(headers)) return "ContentTypeNotAllowed"u8;
        if (!IsEtagAllowed(headers)) return "EtagNotAllowed"u8;
        return IsStatusAllowed(headers) ? default : "StatusCodeNotAllowed"u8;
    }

    /// <summary>Each compressor of the chain adds its own.</summary>
    private void AddStatus(HeaderMap headers, ReadOnlySpan<byte> status, bool originalLength)
    {
        _output.Clear();
        _output.Write(factory.Library.Encoding);
        _output.Write((byte)';');
        _output.Write(status);
        if (originalLength)
        {
            _output.Write(";OriginalLength="u8);
            _output.Write(headers.Get(KnownHeader.ContentLength));
        }

        headers.Add(s_status, _output.Written);
        _output.Clear();
    }
}
