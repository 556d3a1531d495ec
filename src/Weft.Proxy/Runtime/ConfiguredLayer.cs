using Envoy.Config.Bootstrap.V3;

namespace Weft.Proxy.Runtime;

internal enum LayerKind : byte { Static, Disk, Admin, Discovered }

/// <summary>A layer as configured: what a snapshot reads it from.</summary>
internal sealed record ConfiguredLayer(string Name, LayerKind Kind)
{
    /// <summary>The values of a static layer.</summary>
    public LayerValues? Static { get; init; }

    /// <summary>The directory that a disk layer is read from.</summary>
    public string Directory { get; init; } = "";

    /// <summary>The link whose exchange makes a disk layer be read again.</summary>
    public string SymlinkRoot { get; init; } = "";

    /// <summary>Where the values of a discovered layer come from (rtds_layer).</summary>
    public RuntimeLayer.Types.RtdsLayer? Discovery { get; init; }
}
