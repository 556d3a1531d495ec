using Envoy.Extensions.Http.InjectedCredentials.Generic.V3;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Http.CredentialInjector.V3.CredentialInjector;

namespace Weft.Proxy.HttpFilters.CredentialInjector;

/// <summary>Makes filters that add a credential to requests (envoy.filters.http.credential_injector).</summary>
internal sealed class CredentialInjectorFilterFactory : HttpFilterFactory
{
    public required InjectedCredential Credential { get; init; }

    /// <summary>generic.header; default Authorization.</summary>
    public required HeaderName Header { get; init; }

    /// <summary>overwrite: a credential that a request brings is replaced; default false.</summary>
    public bool Overwrites { get; init; }

    /// <summary>allow_request_without_credential; default false: such requests get 401.</summary>
    public bool AllowsRequestsWithout { get; init; }

    public required Counter Injected { get; init; }

    public required Counter Failed { get; init; }

    public required Counter AlreadyExists { get; init; }

    public static CredentialInjectorFilterFactory? Create(string name, Message config, string statPrefix, FactoryContext context)
    {
        var extension = context.Config.Unpack(config.Credential?.TypedConfig);
        if (extension is not Generic { Credential: not null } generic)
        {
            // The reader reports a Generic that lacks what it needs.
            if (extension is not Generic)
                context.Config.Error(config, "credential", $"Didn't find a registered implementation for '{config.Credential?.Name}' with type URL: '{extension?.Descriptor.FullName}'");
            return null;
        }

        if (InjectedCredential.Create(generic, context) is not { } credential) return null;
        var scope = context.Stats.Scope(context.HttpFilterPrefix(statPrefix) + "credential_injector.");
        return new CredentialInjectorFilterFactory
        {
            Name = name,
            Credential = credential,
            Header = new HeaderName(generic.Header.Length > 0 ? generic.Header : "Authorization"),
            Overwrites = config.Overwrite,
            AllowsRequestsWithout = config.AllowRequestWithoutCredential,
            Injected = scope.Counter("injected"),
            Failed = scope.Counter("failed"),
            AlreadyExists = scope.Counter("already_exists"),
        };
    }

    public override HttpFilter Create(Worker worker) => new CredentialInjectorFilter(this);
}
