using Envoy.Extensions.Matching.CommonInputs.Network.V3;
using Envoy.Extensions.Matching.CommonInputs.Ssl.V3;
using Envoy.Extensions.Matching.CommonInputs.Stats.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf;
using Weft.Net.Tls;
using Xds.Type.Matcher.V3;
using EnvironmentMessage = Envoy.Extensions.Matching.CommonInputs.EnvironmentVariable.V3.Config;
using ApplicationProtocolMessage = Envoy.Extensions.Matching.CommonInputs.Network.V3.ApplicationProtocolInput;
using FilterStateMessage = Envoy.Extensions.Matching.CommonInputs.Network.V3.FilterStateInput;
using ServerNameMessage = Envoy.Extensions.Matching.CommonInputs.Network.V3.ServerNameInput;
using SourceTypeMessage = Envoy.Extensions.Matching.CommonInputs.Network.V3.SourceTypeInput;
using TransportProtocolMessage = Envoy.Extensions.Matching.CommonInputs.Network.V3.TransportProtocolInput;

namespace Weft.Proxy.Matching.Inputs;

/// <summary>Which configuration message makes which input. Main thread.</summary>
internal static class MatchInputRegistry
{
    /// <summary>Null when there is no such input for what is asked about.</summary>
    public static MatchInput? Create(IMessage config, MatchScope scope) => scope == MatchScope.Statistic
        ? config is StatFullNameMatchInput ? new StatNameInput() : null
        : CreateCommon(config) ?? (scope == MatchScope.Http ? CreateHttp(config) : CreateConnection(config));

    private static MatchInput? CreateCommon(IMessage config) => config switch
    {
        DestinationIPInput => new AddressInput(AddressEnd.Destination, isPort: false),
        DestinationPortInput => new AddressInput(AddressEnd.Destination, isPort: true),
        SourceIPInput => new AddressInput(AddressEnd.Source, isPort: false),
        SourcePortInput => new AddressInput(AddressEnd.Source, isPort: true),
        DirectSourceIPInput => new AddressInput(AddressEnd.DirectSource, isPort: false),
        SourceTypeMessage => new SourceTypeInput(),
        ServerNameMessage => new ServerNameInput(),
        UriSanInput => new CertificateInput(SubjectAltNameKind.Uri),
        DnsSanInput => new CertificateInput(SubjectAltNameKind.Dns),
        SubjectInput => new CertificateInput(null),
        FilterStateMessage state => new FilterStateInput(state.Key),
        EnvironmentMessage variable => new EnvironmentInput(variable.Name),
        _ => null,
    };

    private static MatchInput? CreateHttp(IMessage config) => config switch
    {
        HttpRequestHeaderMatchInput input => new HeaderInput(HeaderPart.RequestHeader, input.HeaderName),
        HttpRequestTrailerMatchInput input => new HeaderInput(HeaderPart.RequestTrailer, input.HeaderName),
        HttpResponseHeaderMatchInput input => new HeaderInput(HeaderPart.ResponseHeader, input.HeaderName),
        HttpResponseTrailerMatchInput input => new HeaderInput(HeaderPart.ResponseTrailer, input.HeaderName),
        HttpRequestQueryParamMatchInput input => new QueryParameterInput(input.QueryParam),
        HttpAttributesCelMatchInput => new CelInput(),
        DynamicMetadataInput metadata => new MetadataInput(metadata),
        HttpResponseStatusCodeMatchInput => new StatusInput(isClass: false),
        HttpResponseStatusCodeClassMatchInput => new StatusInput(isClass: true),
        HttpResponseLocalReplyMatchInput => new LocalReplyInput(),
        _ => null,
    };

    private static MatchInput? CreateConnection(IMessage config) => config switch
    {
        TransportProtocolMessage => new TransportProtocolInput(),
        ApplicationProtocolMessage => new ApplicationProtocolInput(),
        _ => null,
    };
}
