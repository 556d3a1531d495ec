using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.CustomResponse;

/// <summary>The request is one that a redirect policy has begun anew: its response is the one that was wanted. Immutable.</summary>
/// <param name="policy">Whose.</param>
/// <param name="originalStatus">Of the response that is replaced; 0: it had none.</param>
internal sealed class CustomResponseState(RedirectedResponse policy, int originalStatus) : FilterStateValue
{
    public const string Key = "envoy.filters.http.custom_response";

    public RedirectedResponse Policy => policy;

    public int OriginalStatus => originalStatus;
}
