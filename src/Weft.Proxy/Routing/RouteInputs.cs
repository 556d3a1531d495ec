using Google.Protobuf;
using InputMessages = Envoy.Type.Matcher.V3;

namespace Weft.Proxy.Routing;

/// <summary>What matchers of a route table may look at. Main thread.</summary>
internal static class RouteInputs
{
    /// <summary>Why an input is not allowed; null when it is. There is no response, and there are no trailers, when a route is looked for.</summary>
    public static string? Refuse(IMessage input) => input switch
    {
        InputMessages.HttpRequestTrailerMatchInput or InputMessages.HttpResponseHeaderMatchInput or InputMessages.HttpResponseTrailerMatchInput
            or InputMessages.HttpResponseStatusCodeMatchInput or InputMessages.HttpResponseStatusCodeClassMatchInput or InputMessages.HttpResponseLocalReplyMatchInput
            => $"requirement violation while creating route match tree: INVALID_ARGUMENT: Route table can only match on request headers, saw type.googleapis.com/{input.Descriptor.FullName}",
        _ => null,
    };
}
