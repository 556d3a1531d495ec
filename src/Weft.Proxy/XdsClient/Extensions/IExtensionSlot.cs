using Google.Protobuf.WellKnownTypes;
using Weft.Config;

namespace Weft.Proxy.XdsClient.Extensions;

/// <summary>A place in a filter chain whose filter is discovered. Main thread.</summary>
internal interface IExtensionSlot
{
    /// <summary>Compiles a configuration for this place. Gives what puts it in use, once every other place has accepted it too; null, with the faults reported, when it cannot be used here.</summary>
    Action? Prepare(Any? typedConfig, ConfigContext config);

    /// <summary>The configuration was removed: back to the default, or to none.</summary>
    void Clear();
}
