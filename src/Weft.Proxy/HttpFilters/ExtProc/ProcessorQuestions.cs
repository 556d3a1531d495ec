using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Service.ExtProc.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Streams;
using HeaderMap = Weft.Http.HeaderMap;
using HeaderMapMessage = Envoy.Config.Core.V3.HeaderMap;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>Makes the messages that a processor is sent. What they allocate is little beside the network.</summary>
internal static class ProcessorQuestions
{
    private const string FilterName = "envoy.filters.http.ext_proc";

    public static ProcessingRequest Head(bool isRequest, HeaderMap headers, bool endStream, ExtProcConfig config)
    {
        var head = new HttpHeaders { Headers = Forwarded(headers, config), EndOfStream = endStream };
        return isRequest ? new ProcessingRequest { RequestHeaders = head } : new ProcessingRequest { ResponseHeaders = head };
    }

    public static ProcessingRequest Body(bool isRequest, ReadOnlySpan<byte> bytes, bool endStream)
    {
        var body = new HttpBody { Body = ByteString.CopyFrom(bytes), EndOfStream = endStream };
        return isRequest ? new ProcessingRequest { RequestBody = body } : new ProcessingRequest { ResponseBody = body };
    }

    public static ProcessingRequest Trailers(bool isRequest, HeaderMap trailers, ExtProcConfig config)
    {
        var message = new HttpTrailers { Trailers = Forwarded(trailers, config) };
        return isRequest ? new ProcessingRequest { RequestTrailers = message } : new ProcessingRequest { ResponseTrailers = message };
    }

    /// <summary>Adds what is told with the first message of a direction.</summary>
    public static void AddAttributes(ProcessingRequest question, Struct attributes) => question.Attributes[FilterName] = attributes;

    /// <summary>Adds the dynamic metadata of these namespaces, those that there are.</summary>
    public static void AddMetadata(ProcessingRequest question, string[] namespaces, DynamicMetadata ofRequest, DynamicMetadata ofConnection)
    {
        if (namespaces.Length == 0) return;
        question.MetadataContext = new Metadata();
        foreach (var name in namespaces)
        {
            if ((ofRequest.ToStruct(name) ?? ofConnection.ToStruct(name)) is { } fields) question.MetadataContext.FilterMetadata[name] = fields;
        }
    }

    /// <summary>Headers that forward_rules let through.</summary>
    private static HeaderMapMessage Forwarded(HeaderMap headers, ExtProcConfig config)
    {
        var result = new HeaderMapMessage();
        for (var i = 0; i < headers.Count; i++)
        {
            var name = headers.NameAt(i);
            if (config.DisallowedHeaders.IsMatch(name) || !(config.AllowedHeaders.IsEmpty || config.AllowedHeaders.IsMatch(name))) continue;
            result.Headers.Add(new HeaderValue { Key = Encoding.UTF8.GetString(name), RawValue = ByteString.CopyFrom(headers.ValueAt(i)) });
        }

        return result;
    }
}
