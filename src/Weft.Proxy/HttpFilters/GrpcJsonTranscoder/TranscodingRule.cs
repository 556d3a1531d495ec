using System.Text;
using Google.Protobuf.Reflection;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Paths;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder;

/// <summary>One binding of a method of gRPC to HTTP (google.api.HttpRule). Immutable; any thread.</summary>
internal sealed class TranscodingRule
{
    public required string HttpMethod { get; init; }

    public required PathTemplate Template { get; init; }

    /// <summary>The fields that the template's variables go into, in their order.</summary>
    public required FieldDescriptor[][] Variables { get; init; }

    /// <summary>body: the field that the request's body is; empty: the whole message.</summary>
    public required FieldDescriptor[] Body { get; init; }

    public required TranscodedMethod Method { get; init; }

    public byte[] VerbText => field ??= Encoding.UTF8.GetBytes(Template.Verb);

    /// <summary>The request's body is not JSON but goes into a google.api.HttpBody as it is.</summary>
    public bool IsRawRequest => TranscodedMethod.IsHttpBody(Body is [.., var last] ? TranscodedMethod.MessageOf(last) : Method.Input);
}

/// <summary>A method of gRPC. Immutable; any thread.</summary>
internal sealed class TranscodedMethod
{
    private const string HttpBody = "google.api.HttpBody";

    /// <summary>:path of the call.</summary>
    public required byte[] Path { get; init; }

    public required MessageDescriptor Input { get; init; }

    public required MessageDescriptor Output { get; init; }

    public required bool IsClientStreaming { get; init; }

    public required bool IsServerStreaming { get; init; }

    /// <summary>response_body: the field that is the response's body; empty: the whole message.</summary>
    public required FieldDescriptor[] ResponseBody { get; init; }

    /// <summary>The response's body is not JSON but that of a google.api.HttpBody.</summary>
    public bool IsRawResponse => IsHttpBody(ResponseBody is [.., var last] ? MessageOf(last) : Output);

    public static bool IsHttpBody(MessageDescriptor? type) => type?.FullName == HttpBody;

    /// <summary>Null for a field that is no message.</summary>
    public static MessageDescriptor? MessageOf(FieldDescriptor field) => field.FieldType == FieldType.Message ? field.MessageType : null;
}
