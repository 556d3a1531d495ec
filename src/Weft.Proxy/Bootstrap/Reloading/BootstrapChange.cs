using Google.Protobuf;
using Weft.Config;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;
using LayerMessage = Envoy.Config.Bootstrap.V3.RuntimeLayer;

namespace Weft.Proxy.Bootstrap.Reloading;

/// <summary>What of a bootstrap may change while the proxy runs, and what differs of the rest. Any thread.</summary>
public static class BootstrapChange
{
    /// <summary>Clusters, listeners and secrets; runtime layers unless they are discovered.</summary>
    private static readonly int[] s_live = [BootstrapMessage.StaticResourcesFieldNumber, BootstrapMessage.LayeredRuntimeFieldNumber];

    /// <summary>The fields, snake_case, that differ and that only a restart takes over.</summary>
    public static IReadOnlyList<string> NeedingRestart(BootstrapMessage running, BootstrapMessage next)
    {
        var fields = MessageDifference.Fields(running, next).Where(static field => !s_live.Contains(field.FieldNumber)).Select(static field => field.Name).ToList();
        if (!CanChangeRuntime(running, next))
            fields.Add("layered_runtime");
        return fields;
    }

    /// <summary>Layers that are discovered have subscriptions, which begin with the process.</summary>
    public static bool CanChangeRuntime(BootstrapMessage running, BootstrapMessage next) => Discovered(running).SequenceEqual(Discovered(next));

    /// <summary>What is in force after the change: the new file as far as it is taken over.</summary>
    public static BootstrapMessage Apply(BootstrapMessage running, BootstrapMessage next)
    {
        var result = running.Clone();
        result.StaticResources = next.StaticResources;
        if (CanChangeRuntime(running, next))
            result.LayeredRuntime = next.LayeredRuntime;
        return result;
    }

    private static IEnumerable<IMessage> Discovered(BootstrapMessage bootstrap) =>
        bootstrap.LayeredRuntime?.Layers.Where(static layer => layer.LayerSpecifierCase == LayerMessage.LayerSpecifierOneofCase.RtdsLayer) ?? [];
}
