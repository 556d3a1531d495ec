using Weft.Http;

namespace Weft.Proxy.HttpFilters.BodyRates;

/// <summary>Hears what a <see cref="BodyRateLimiter"/> lets pass. Worker thread.</summary>
internal interface IBodyRateWatcher
{
    /// <summary>A message without trailers gets some: <see cref="OnEnd"/> may give them.</summary>
    bool AddsTrailers { get; }

    /// <summary>Bytes pass.</summary>
    /// <param name="bytes">How many; perhaps none.</param>
    /// <param name="isLimited">Others must wait.</param>
    void OnPassed(int bytes, bool isLimited);

    /// <summary>The last bytes pass.</summary>
    /// <returns>Trailers to end the message with, instead of those that wait if there are any; null: as it is.</returns>
    HeaderMap? OnEnd();
}
