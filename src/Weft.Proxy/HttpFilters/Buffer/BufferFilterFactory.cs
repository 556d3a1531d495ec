using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using BufferMessage = Envoy.Extensions.Filters.Http.Buffer.V3.Buffer;

namespace Weft.Proxy.HttpFilters.Buffer;

/// <summary>Makes filters that collect a request before it goes on (envoy.filters.http.buffer).</summary>
internal sealed class BufferFilterFactory : HttpFilterFactory
{
    public required BufferConfig Config { get; init; }

    public static BufferFilterFactory Create(string name, BufferMessage config, string statPrefix, FactoryContext context)
        => new() { Name = name, Config = BufferConfig.Of(config) };

    public override HttpFilter Create(Worker worker) => new BufferFilter(Config);
}
