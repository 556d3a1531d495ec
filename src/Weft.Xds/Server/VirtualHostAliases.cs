using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using Weft.Api;

namespace Weft.Xds.Server;

/// <summary>VHDS: a client that needs a virtual host does not know its name; it asks for <c>table of routes/domain</c>.</summary>
internal static class VirtualHostAliases
{
    /// <summary>The answer to such a name: the virtual host with that domain, else the name alone, which says that there is none.</summary>
    public static Resource Answer(string alias, IReadOnlyDictionary<string, ServedResource> hosts)
    {
        var slash = alias.LastIndexOf('/');
        var (table, domain) = (alias[..(slash + 1)], alias[(slash + 1)..]);
        foreach (var host in hosts.Values)
        {
            if (host.Name.StartsWith(table, StringComparison.Ordinal) && ApiMessages.Parse<VirtualHost>(host.Body.Value.Span).Domains.Contains(domain))
                return new Resource { Name = host.Name, Version = host.ContentVersion, Resource_ = host.Body, Aliases = { alias } };
        }

        return new Resource { Name = alias, Aliases = { alias } };
    }
}
