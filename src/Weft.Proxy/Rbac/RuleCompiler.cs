using Envoy.Config.Core.V3;
using Envoy.Config.Rbac.V3;
using Envoy.Extensions.Path.Match.UriTemplate.V3;
using Envoy.Type.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Proxy.Routing.Matching;
using HeaderMatcher = Weft.Proxy.Routing.Matching.HeaderMatcher;
using IdentifierCase = Envoy.Config.Rbac.V3.Principal.IdentifierOneofCase;
using RuleCase = Envoy.Config.Rbac.V3.Permission.RuleOneofCase;

namespace Weft.Proxy.Rbac;

/// <summary>Makes rules of permissions and principals; faults are reported in the context. Main thread.</summary>
internal sealed class RuleCompiler(ConfigContext context)
{
    private const int PortEnd = 65536;

    public RbacRule Compile(Permission permission) => permission.RuleCase switch
    {
        RuleCase.Any => RbacRule.Any,
        RuleCase.AndRules => RbacRule.All([.. permission.AndRules.Rules.Select(Compile)]),
        RuleCase.OrRules => RbacRule.AnyOf([.. permission.OrRules.Rules.Select(Compile)]),
        RuleCase.NotRule => RbacRule.Not(Compile(permission.NotRule)),
        RuleCase.Header => new HeaderRule(HeaderMatcher.Create(permission.Header, context)),
        RuleCase.UrlPath => new PathRule(StringMatcher.Create(permission.UrlPath.Path, context)),
        RuleCase.UriTemplate => Template(permission),
        RuleCase.DestinationIp => Address(permission.DestinationIp, RbacAddress.Destination),
        RuleCase.DestinationPort => new PortRule((int)permission.DestinationPort, (int)permission.DestinationPort + 1),
        RuleCase.DestinationPortRange => Ports(permission.DestinationPortRange),
        RuleCase.RequestedServerName => new ServerNameRule(StringMatcher.Create(permission.RequestedServerName, context)),
        RuleCase.Metadata => new MetadataRule(new MetadataMatcher(permission.Metadata, context)),
        // The API's own rules report what is missing; the support table what is not implemented.
        _ => RbacRule.Never,
    };

#pragma warning disable CS0612 // source_ip is deprecated, but still in files
    public RbacRule Compile(Principal principal) => principal.IdentifierCase switch
    {
        IdentifierCase.Any => RbacRule.Any,
        IdentifierCase.AndIds => RbacRule.All([.. principal.AndIds.Ids.Select(Compile)]),
        IdentifierCase.OrIds => RbacRule.AnyOf([.. principal.OrIds.Ids.Select(Compile)]),
        IdentifierCase.NotId => RbacRule.Not(Compile(principal.NotId)),
        IdentifierCase.Header => new HeaderRule(HeaderMatcher.Create(principal.Header, context)),
        IdentifierCase.UrlPath => new PathRule(StringMatcher.Create(principal.UrlPath.Path, context)),
        IdentifierCase.Authenticated => new AuthenticatedRule(principal.Authenticated.PrincipalName is { } name ? StringMatcher.Create(name, context) : null),
        IdentifierCase.SourceIp => Address(principal.SourceIp, RbacAddress.Connection),
        IdentifierCase.DirectRemoteIp => Address(principal.DirectRemoteIp, RbacAddress.DirectRemote),
        IdentifierCase.RemoteIp => Address(principal.RemoteIp, RbacAddress.Remote),
        IdentifierCase.Metadata => new MetadataRule(new MetadataMatcher(principal.Metadata, context)),
        IdentifierCase.FilterState => new FilterStateRule(new FilterStateMatcher(principal.FilterState, context)),
        _ => RbacRule.Never,
    };
#pragma warning restore CS0612

    private RbacRule Address(CidrRange range, RbacAddress field) =>
        AddressRange.Create(range, context, static text => $"Failed to create CIDR range: malformed IP address or prefix: {text}") is { } compiled ? new AddressRule(compiled, field) : RbacRule.Never;

    private RbacRule Ports(Int32Range range)
    {
        if (range.Start is < 0 or > PortEnd)
            return Fail(range, "start", $"range start {range.Start} is out of bounds");
        if (range.End is < 0 or > PortEnd)
            return Fail(range, "end", $"range end {range.End} is out of bounds");
        return range.Start >= range.End
            ? Fail(range, "start", $"range start {range.Start} cannot be greater or equal than range end {range.End}")
            : new PortRule(range.Start, range.End);
    }

    private RbacRule Template(Permission permission)
    {
        if (context.Unpack<UriTemplateMatchConfig>(permission.UriTemplate.TypedConfig) is not { } config)
            return RbacRule.Never;
        return UriTemplate.Parse(config.PathTemplate, out var error) is { } template
            ? new PathRule(RegexMatcher.Create(new Envoy.Type.Matcher.V3.RegexMatcher { Regex = template.Regex }, context))
            : Fail(config, "path_template", $"uri_template.path_template {config.PathTemplate} is invalid: {error}");
    }

    private RbacRule Fail(IMessage at, string field, string text)
    {
        context.Error(at, field, text);
        return RbacRule.Never;
    }
}
