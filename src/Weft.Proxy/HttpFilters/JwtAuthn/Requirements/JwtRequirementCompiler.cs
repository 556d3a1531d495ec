using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;
using Message = Envoy.Extensions.Filters.Http.JwtAuthn.V3.JwtRequirement;
using Kind = Envoy.Extensions.Filters.Http.JwtAuthn.V3.JwtRequirement.RequiresTypeOneofCase;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Requirements;

/// <summary>Compiles requirements; faults are reported and give requirements that nothing rests on. Main thread.</summary>
internal sealed class JwtRequirementCompiler(JwtAuthnConfig config, FactoryContext context)
{
    public JwtRequirement Compile(Message source)
    {
        switch (source.RequiresTypeCase)
        {
            case Kind.ProviderName:
                return OfProvider(source.ProviderName, [], source);
            case Kind.ProviderAndAudiences:
                return OfProvider(source.ProviderAndAudiences.ProviderName, source.ProviderAndAudiences.Audiences, source);
            case Kind.RequiresAny:
                return Any(source.RequiresAny.Requirements);
            case Kind.RequiresAll:
                return new JwtRequirement.All([.. source.RequiresAll.Requirements.Select(Compile)]);
            case Kind.AllowMissing:
                return new JwtRequirement.Optional(config, allowsFailed: false);
            case Kind.AllowMissingOrFailed:
                return new JwtRequirement.Optional(config, allowsFailed: true);
            default:
                return new JwtRequirement.Nothing();
        }
    }

    private JwtRequirement OfProvider(string name, IEnumerable<string> audiences, Message source)
    {
        if (config.Provider(name) is { } provider)
            return new JwtRequirement.OfProvider(provider, audiences.Any() ? new JwtAudiences(audiences) : null);
        if (!config.HasFaultyProvider(name))
            context.Config.Error(source, null, $"Required provider ['{name}'] is not configured.");
        return new JwtRequirement.Nothing();
    }

    private JwtRequirement.Any Any(IReadOnlyCollection<Message> sources)
    {
        var allowsFailed = sources.Any(static one => one.RequiresTypeCase == Kind.AllowMissingOrFailed);
        var allowsMissing = sources.Any(static one => one.RequiresTypeCase == Kind.AllowMissing);
        JwtRequirement[] children = [.. sources.Where(static one => one.RequiresTypeCase is not (Kind.AllowMissing or Kind.AllowMissingOrFailed)).Select(Compile)];
        if (children.Length == 0)
            children = [new JwtRequirement.Optional(config, allowsFailed)];
        return new JwtRequirement.Any(children, allowsMissing, allowsFailed);
    }
}
