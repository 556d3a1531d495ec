using System.Text;
using Envoy.Service.Auth.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Admin;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;
using HeaderValue = Envoy.Config.Core.V3.HeaderValue;
using Metadata = Envoy.Config.Core.V3.Metadata;
using NetworkFilterMessage = Envoy.Extensions.Filters.Network.ExtAuthz.V3.ExtAuthz;
using Peer = Envoy.Service.Auth.V3.AttributeContext.Types.Peer;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>Writes the question for a gRPC service: everything it may want to know of a request or a connection. Worker thread.</summary>
internal static class CheckRequests
{
    public const string PartialBody = "x-envoy-auth-partial-body";

    public static CheckRequest Create(in AuthzQuestion question, ExtAuthzConfig config)
    {
        var (info, source) = (question.Stream.Info, config.Source);
        var request = new CheckRequest { Attributes = new AttributeContext() };
        var attributes = request.Attributes;
        attributes.Source = PeerOf(info.DownstreamRemoteAddress, info.DownstreamTls?.Peer);
        attributes.Source.Service = Text(question.Headers.Get(KnownHeader.XEnvoyDownstreamServiceCluster));
        if (source.IncludePeerCertificate && info.DownstreamTls?.Peer is { } certificate) attributes.Source.Certificate = certificate.UrlEncodedPem;
        attributes.Destination = PeerOf(info.DownstreamLocalAddress, info.DownstreamTls?.Local);
        attributes.Request = new AttributeContext.Types.Request { Time = Timestamp.FromDateTime(DateTime.SpecifyKind(info.StartTime, DateTimeKind.Utc)), Http = CreateHttp(question, config) };
        if (question.Context is { } context)
        {
            foreach (var (key, value) in context) attributes.ContextExtensions[key] = value;
        }

        attributes.MetadataContext = new Metadata();
        foreach (var name in source.MetadataContextNamespaces)
        {
            if (info.DynamicMetadata.ToStruct(name) is { } fields) attributes.MetadataContext.FilterMetadata[name] = fields;
        }

        attributes.RouteMetadataContext = new Metadata();
        foreach (var name in source.RouteMetadataContextNamespaces)
        {
            if (question.Stream.Route?.Metadata?.FilterMetadata.TryGetValue(name, out var fields) ?? false) attributes.RouteMetadataContext.FilterMetadata[name] = fields;
        }

        if (source.IncludeTlsSession) attributes.TlsSession = new AttributeContext.Types.TLSSession { Sni = info.RequestedServerName ?? "" };
        return request;
    }

    /// <summary>The question about a connection.</summary>
    public static CheckRequest Create(StreamInfo info, NetworkFilterMessage config)
    {
        var attributes = new AttributeContext
        {
            Source = PeerOf(info.DownstreamRemoteAddress, info.DownstreamTls?.Peer),
            Destination = PeerOf(info.DownstreamLocalAddress, info.DownstreamTls?.Local),
        };
        attributes.Destination.Service = info.RequestedServerName ?? "";
        if (config.IncludePeerCertificate && info.DownstreamTls?.Peer is { } certificate) attributes.Source.Certificate = certificate.UrlEncodedPem;
        if (config.IncludeTlsSession) attributes.TlsSession = new AttributeContext.Types.TLSSession { Sni = info.RequestedServerName ?? "" };
        return new CheckRequest { Attributes = attributes };
    }

    private static AttributeContext.Types.HttpRequest CreateHttp(in AuthzQuestion question, ExtAuthzConfig config)
    {
        var (info, headers) = (question.Stream.Info, question.Headers);
        var protocol = new ByteWriter();
        TextSources.Write(info.Protocol, protocol);
        var http = new AttributeContext.Types.HttpRequest
        {
            Id = info.RandomValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Method = Text(headers.Get(KnownHeader.Method)),
            Path = Text(headers.Get(KnownHeader.Path)),
            Host = Text(headers.Get(KnownHeader.Authority)),
            Scheme = Text(headers.Get(KnownHeader.Scheme)),
            Size = info.BytesReceived,
            Protocol = Text(protocol.Written),
        };
        var isRaw = config.Source.EncodeRawHeaders;
        if (isRaw) http.HeaderMap = new Envoy.Config.Core.V3.HeaderMap();
        for (var i = 0; i < headers.Count; i++)
        {
            var name = Text(headers.NameAt(i));
            // The client's own would be taken for ours.
            if (name != PartialBody && config.IsSent(headers.NameAt(i))) AddHeader(http, name, headers.ValueAt(i), isRaw);
        }

        if (question.IsPartialBody is not { } isPartial) return http;
        AddHeader(http, PartialBody, isPartial ? "true"u8 : "false"u8, isRaw);
        if (config.Body is { IsBinary: true }) http.RawBody = ByteString.CopyFrom(question.Body);
        else http.Body = Text(question.Body);
        return http;
    }

    private static void AddHeader(AttributeContext.Types.HttpRequest http, string name, ReadOnlySpan<byte> value, bool isRaw)
    {
        if (isRaw) http.HeaderMap.Headers.Add(new HeaderValue { Key = name, RawValue = ByteString.CopyFrom(value) });
        else http.Headers[name] = http.Headers.TryGetValue(name, out var others) ? $"{others},{Text(value)}" : Text(value);
    }

    private static Peer PeerOf(NetAddress address, CertificateInfo? certificate) => new()
    {
        Address = AddressMessage.Of(address),
        Principal = certificate is null ? "" : NameOf(certificate, SubjectAltNameKind.Uri) ?? NameOf(certificate, SubjectAltNameKind.Dns) ?? certificate.Subject,
    };

    private static string? NameOf(CertificateInfo certificate, SubjectAltNameKind kind)
    {
        foreach (var name in certificate.SubjectAltNames)
        {
            if (name.Kind == kind) return name.Text;
        }

        return null;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
