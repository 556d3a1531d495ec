using Weft.Http;

namespace Weft.Proxy.HttpFilters.CredentialInjector;

/// <summary>Adds a credential to requests; without one they get 401. Pooled; worker thread.</summary>
internal sealed class CredentialInjectorFilter(CredentialInjectorFilterFactory factory) : HttpFilter
{
    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (!factory.Overwrites && headers.Has(factory.Header))
        {
            factory.AlreadyExists.Inc();
            return FilterStatus.Continue;
        }

        var credential = factory.Credential.Text;
        if (credential.Length > 0)
        {
            factory.Injected.Inc();
            headers.Set(factory.Header, credential);
            return FilterStatus.Continue;
        }

        factory.Failed.Inc();
        if (factory.AllowsRequestsWithout) return FilterStatus.Continue;
        Stream.SendLocalReply(401, "Failed to inject credential."u8, "failed_to_inject_credential");
        return FilterStatus.Ended;
    }
}
