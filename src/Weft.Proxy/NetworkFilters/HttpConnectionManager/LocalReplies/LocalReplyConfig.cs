using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using LocalReplyMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.LocalReplyConfig;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.LocalReplies;

/// <summary>local_reply_config, compiled: turns the proxy's own answers into the configured ones. Immutable, shared by all workers.</summary>
internal sealed class LocalReplyConfig
{
    /// <param name="source">Null: answers stay as they are, text/plain.</param>
    public static LocalReplyConfig Create(LocalReplyMessage? source, FactoryContext context) => new();

    /// <summary>
    /// Writes :status, content-length and content-type (and what mappers add) into <paramref name="headers"/>, which may
    /// already hold others, and tells the final body.
    /// </summary>
    /// <param name="writer">Room for a formatted body; <paramref name="finalBody"/> may point into it or be <paramref name="body"/> itself.</param>
    public void Write(int status, ReadOnlySpan<byte> body, in FormatContext context, HeaderMap headers, ByteWriter writer, out ReadOnlySpan<byte> finalBody)
    {
        headers.Set(KnownHeader.Status, status);
        if (body.Length > 0)
        {
            headers.Set(KnownHeader.ContentLength, body.Length);
            headers.Set(KnownHeader.ContentType, "text/plain"u8);
        }

        finalBody = body;
    }
}
