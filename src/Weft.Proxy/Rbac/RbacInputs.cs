using Envoy.Extensions.Matching.CommonInputs.Network.V3;
using Envoy.Extensions.Matching.CommonInputs.Ssl.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf;
using Xds.Type.Matcher.V3;

namespace Weft.Proxy.Rbac;

/// <summary>What a matcher may look at: in the network filter the connection, in the HTTP filter the request and its metadata besides.</summary>
internal sealed class RbacInputs
{
    private readonly string _filter;
    private readonly bool _isHttp;

    private RbacInputs(string filter, bool isHttp) => (_filter, _isHttp) = (filter, isHttp);

    public static RbacInputs Http { get; } = new("HTTP", isHttp: true);

    public static RbacInputs Network { get; } = new("network", isHttp: false);

    /// <summary>Why an input is not allowed; null when it is.</summary>
    public string? Refuse(IMessage input) => IsAllowed(input)
        ? null
        : $"requirement violation while creating RBAC match tree: INVALID_ARGUMENT: RBAC {_filter} filter cannot match on 'type.googleapis.com/{input.Descriptor.FullName}'";

    private bool IsAllowed(IMessage input) => input switch
    {
        DestinationIPInput or DestinationPortInput or SourceIPInput or SourcePortInput or DirectSourceIPInput or ServerNameInput => true,
        UriSanInput or DnsSanInput or SubjectInput or FilterStateInput => true,
        HttpRequestHeaderMatchInput or HttpAttributesCelMatchInput or DynamicMetadataInput => _isHttp,
        _ => false,
    };
}
