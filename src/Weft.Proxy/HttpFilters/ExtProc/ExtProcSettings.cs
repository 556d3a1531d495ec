using Weft.Http;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>What holds for one stream: the filter's settings, and over them those of its route, the most specific first.</summary>
internal readonly record struct ExtProcSettings
{
    public bool IsDisabled { get; private init; }

    public ProcessingModes Modes { get; init; }

    public CollectorTarget Target { get; private init; }

    public ProcessorAttributes RequestAttributes { get; private init; }

    public ProcessorAttributes ResponseAttributes { get; private init; }

    public string[] ForwardedNamespaces { get; private init; }

    public string[] ReceivedNamespaces { get; private init; }

    public IReadOnlyList<(HeaderName Name, byte[] Value)> Headers { get; private init; }

    /// <param name="ofRoute">The most specific first.</param>
    public static ExtProcSettings Of(ExtProcConfig config, ReadOnlySpan<FilterRouteConfig> ofRoute)
    {
        var settings = new ExtProcSettings
        {
            // A more specific override enables what a less specific one disables.
            IsDisabled = ofRoute is [ExtProcRouteConfig { IsDisabled: true }, ..],
            Modes = config.Modes,
            Target = config.Target,
            RequestAttributes = config.RequestAttributes,
            ResponseAttributes = config.ResponseAttributes,
            ForwardedNamespaces = config.ForwardedNamespaces,
            ReceivedNamespaces = config.ReceivedNamespaces,
            Headers = [],
        };
        for (var i = ofRoute.Length - 1; i >= 0; i--)
        {
            if (ofRoute[i] is ExtProcRouteConfig route)
                settings = settings.With(route);
        }

        return settings;
    }

    private ExtProcSettings With(ExtProcRouteConfig route) => this with
    {
        Modes = route.Modes ?? Modes,
        Target = route.Target ?? Target,
        RequestAttributes = route.RequestAttributes ?? RequestAttributes,
        ResponseAttributes = route.ResponseAttributes ?? ResponseAttributes,
        ForwardedNamespaces = route.ForwardedNamespaces ?? ForwardedNamespaces,
        ReceivedNamespaces = route.ReceivedNamespaces ?? ReceivedNamespaces,
        Headers = route.Headers.Count > 0 ? route.Headers : Headers,
    };
}
