using Weft.Http;

namespace Weft.Proxy.HttpFilters.CustomResponse;

/// <summary>What stands in for a response. Immutable; any worker.</summary>
internal abstract class CustomResponsePolicy
{
    /// <summary>Replaces the response whose head has come.</summary>
    /// <returns>What the filter says then: Continue where the response stays as it is.</returns>
    public abstract FilterStatus Replace(CustomResponseFilter filter, HeaderMap response);
}
