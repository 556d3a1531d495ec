namespace Weft.Proxy.HttpFilters;

/// <summary>
/// What one typed_per_filter_config says to one filter, compiled. A filter that can be configured by routes has a class of its own, made by
/// its line in <see cref="HttpFilterRegistry"/>, and finds it with <see cref="IHttpStream.RouteConfig"/>. Immutable; any thread.
/// </summary>
public abstract class FilterRouteConfig
{
}
